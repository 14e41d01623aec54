"""FP-1.4: the daemon can no longer write, and the cache has its metadata and not one symbol."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos.experiments.unwritable_cache import unwritable_cache
from chaos.faults.file_write import write_file
from harness.lab.bench import Bench
from harness.vocabulary.roles import File


@contextmanager
def fault(bench: Bench) -> Iterator[Path]:
    """Keep the metadata as it is, so that the age stays right, and drop every symbol."""
    key = bench.deployment.file(File.FLOW_CACHE).metadata
    with unwritable_cache(bench) as cache:
        metadata = json.loads(cache.read_bytes())[key]
        with write_file(cache, json.dumps({key: metadata})):
            yield cache
