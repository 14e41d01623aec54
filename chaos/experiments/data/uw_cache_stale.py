"""FP-1.3: the daemon can no longer write, and the cache's own last update is older than its limit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos.experiments.unwritable_cache import unwritable_cache
from chaos.faults.file_age import age_json_field
from harness.lab.bench import Bench
from harness.vocabulary.roles import File, Limit

PAST_THE_LIMIT_S = 60.0


@contextmanager
def fault(bench: Bench) -> Iterator[Path]:
    """Age the cache's content, with a fresh file time, by its limit and a minute."""
    field = bench.deployment.file(File.FLOW_CACHE).updated_at
    by_s = bench.deployment.limits[Limit.FLOW_CACHE_AGE_S] + PAST_THE_LIMIT_S
    with unwritable_cache(bench) as cache, age_json_field(cache, field, by_s=by_s):
        yield cache
