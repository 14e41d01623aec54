"""FP-5.3: the kill switch's file was torn in the middle, as by a writer that died."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos.faults.file_truncate import truncate_file
from harness.lab.bench import Bench
from harness.vocabulary.roles import File


@contextmanager
def fault(bench: Bench) -> Iterator[Path]:
    """Cut the kill switch in half: a brake, which the bot neither mends nor takes for released."""
    with truncate_file(bench.path(File.KILL_SWITCH)) as path:
        yield path
