"""FP-1.2: the daemon can no longer write, and the cache is gone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos.experiments.unwritable_cache import unwritable_cache
from chaos.faults.file_remove import remove
from harness.lab.bench import Bench


@contextmanager
def fault(bench: Bench) -> Iterator[Path]:
    """Remove the cache, and leave nobody who could write it again."""
    with unwritable_cache(bench) as cache, remove(cache):
        yield cache
