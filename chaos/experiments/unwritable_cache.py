"""The daemon beats on and can no longer write its cache: its ability is broken, not only its output.

A healthy daemon would undo whatever is done to the cache within one poll; this one cannot.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos.effect import NoEffect
from chaos.faults.process_file_size import file_size_limit
from harness.lab.bench import Bench
from harness.vocabulary.roles import File, Service

HELD_WITHIN_S = 5.0
POLLS_WATCHED = 3


@contextmanager
def unwritable_cache(bench: Bench) -> Iterator[Path]:
    """Let no file of the daemon grow past a heartbeat, and yield the cache once it is written no more."""
    cache, pace = bench.path(File.FLOW_CACHE), bench.deployment.toml.pace
    rest_s = POLLS_WATCHED * max(pace.intervals.values(), default=1.0) / pace.factor
    written: list[tuple[int, float]] = []

    def rests() -> bool:
        """Whether nobody has replaced the cache for some polls of the lab's pace."""
        version, now_s = cache.stat().st_mtime_ns, time.monotonic()
        if not written or written[-1][0] != version:
            written.append((version, now_s))
        return now_s - written[-1][1] >= rest_s

    with file_size_limit(bench.pid(Service.FLOW_DAEMON)):
        if not bench.wait(rests, HELD_WITHIN_S):
            raise NoEffect(f"{cache} is still being written although its writer may write no more")
        yield cache
