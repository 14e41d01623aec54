"""FP-5.4: somebody has removed a state file that the bot needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos.faults.file_remove import remove
from harness.lab.bench import Bench
from harness.vocabulary.roles import File


@contextmanager
def fault(bench: Bench) -> Iterator[Path]:
    """Remove the symbols' profiles; the bot reads them in every cycle and never writes them."""
    with remove(bench.path(File.SYMBOL_PROFILES)) as path:
        yield path
