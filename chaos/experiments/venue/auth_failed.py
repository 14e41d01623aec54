"""FP-4.2: the broker answers 401 to every request, as it does for a rotated key.

Source of the body: Alpaca's own page on common errors, `{"message": "unauthorized."}` without a code.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from chaos.experiments.refusing import refusing
from harness.lab.bench import Bench
from harness.vocabulary.roles import Upstream


@contextmanager
def fault(bench: Bench) -> Iterator[None]:
    """Refuse the key on every trading endpoint."""
    url = bench.world.endpoints()[Upstream.VENUE].url
    with refusing(bench.world.at_venue().script, url, "/v2/", 401, {"message": "unauthorized."}):
        yield
