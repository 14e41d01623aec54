"""A file is cut short where it lies, as by a writer that died halfway. Source: truncate(2)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos.faults.file_change import changed, content_of


@contextmanager
def truncate_file(path: Path, *, size_bytes: int | None = None) -> Iterator[Path]:
    """Keep the first `size_bytes` (None: half) while the block runs; whoever has the file open sees it shrink.

    Raises FileNotFoundError, ValueError when it is no larger than that, and as `changed` does.
    """
    content = content_of(path)
    kept = len(content) // 2 if size_bytes is None else size_bytes
    if not 0 <= kept < len(content):
        raise ValueError(f"{path} has {len(content)} bytes, so it cannot be cut to {kept}")
    with changed("truncation", path, content[:kept], lambda target, _: os.truncate(target, kept)) as target:
        yield target


@contextmanager
def empty(path: Path) -> Iterator[Path]:
    """Leave a file of no bytes while the block runs. Raises as `truncate_file` does."""
    with truncate_file(path, size_bytes=0) as target:
        yield target
