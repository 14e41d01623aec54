"""A file that everyone relies on is not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos.faults.file_change import changed, content_of


@contextmanager
def remove(path: Path) -> Iterator[Path]:
    """Unlink it while the block runs. Raises FileNotFoundError, and as `changed` does."""
    content_of(path)
    with changed("removal", path, None) as target:
        yield target
