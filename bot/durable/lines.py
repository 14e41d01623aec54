"""Append-only files of one JSON object per line.

A line counts once its newline is on the disk. A last line without one was cut off by a crash while it was written: it
is dropped, which is right for a write-ahead log, since nothing may happen before its line is complete.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from bot.durable.atomic import write_fully


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Objects read from a file, the line numbers (from 1) that could not be read, and where a torn tail begins."""

    objects: tuple[dict[str, Any], ...]
    unreadable: tuple[int, ...]
    torn_at: int | None


def append_line(path: Path, row: dict[str, Any], *, sync: bool, create: bool = True) -> None:
    """Add one object as one line, in one write. With `sync` it is on the disk when this returns.

    Raises OSError; FileNotFoundError where `create` is false and the file is gone.
    """
    flags = os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | (os.O_CREAT if create else 0)
    descriptor = os.open(path, flags, 0o600)
    try:
        write_fully(descriptor, msgspec.json.encode(row) + b"\n")
        if sync:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_lines(path: Path) -> Lines:
    """Read every complete line. Raises OSError; a broken line is reported, not raised."""
    raw = path.read_bytes()
    torn_at = None
    if raw and not raw.endswith(b"\n"):
        torn_at = raw.rfind(b"\n") + 1
        raw = raw[:torn_at]
    objects: list[dict[str, Any]] = []
    unreadable: list[int] = []
    for number, line in enumerate(raw.splitlines(), start=1):
        try:
            objects.append(msgspec.json.decode(line, type=dict[str, Any]))
        except (msgspec.DecodeError, UnicodeDecodeError):
            unreadable.append(number)
    return Lines(objects=tuple(objects), unreadable=tuple(unreadable), torn_at=torn_at)


def drop_torn_tail(path: Path, torn_at: int) -> None:
    """Cut a line that a crash left half-written. Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.ftruncate(descriptor, torn_at)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
