"""FP-1.6: Unusual Whales answers 429 to every request, with the headers of a minute that is used up.

Scripted at the provider itself: to the bot, a token that another program uses up and its own haste are the same answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from chaos.experiments.refusing import refusing
from harness.lab.bench import Bench
from harness.vocabulary.roles import Upstream

MINUTE_MS = 60_000


@contextmanager
def fault(bench: Bench) -> Iterator[None]:
    """Refuse every endpoint as too often. The wait that is told is the provider's minute, at the lab's pace."""
    provider, url = bench.world.at_provider(), bench.world.endpoints()[Upstream.PROVIDER].url
    budget = replace(
        provider.limits.look(bench.clock.now()),
        in_minute=provider.limits.per_minute,
        reset_ms=round(MINUTE_MS / bench.deployment.toml.pace.factor),
        refused_by="minute",
    )
    with refusing(provider.script, url, "/api/", 429, provider.refusals.minute_limit, budget.headers()):
        yield
