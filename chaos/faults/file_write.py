"""A file that should not be there, or should hold something else: a freeze file, sixteen recorded positions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos.faults.file_change import changed


@contextmanager
def write_file(path: Path, content: bytes | str) -> Iterator[Path]:
    """Have the file hold `content` (text as UTF-8) while the block runs; it may be new. Raises as `changed` does."""
    with changed("content", path, content.encode() if isinstance(content, str) else content) as target:
        yield target
