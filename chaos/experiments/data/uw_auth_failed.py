"""FP-1.5: Unusual Whales answers 401 to every request.

Scripted at the provider itself: to the bot, a refused key and a wrong key are the same answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from chaos.experiments.refusing import refusing
from harness.lab.bench import Bench
from harness.vocabulary.roles import Upstream


@contextmanager
def fault(bench: Bench) -> Iterator[None]:
    """Refuse the key on every endpoint."""
    url = bench.world.endpoints()[Upstream.PROVIDER].url
    with refusing(bench.world.at_provider().script, url, "/api/", 401, {"message": "Unauthorized"}):
        yield
