"""Replace a file in one step, so that a reader sees the old bytes or the new ones, never a part.

The order matters: write a sibling, fsync it, rename it over the target, fsync the folder. Without the first fsync a
power cut may leave an empty file under the right name; without the last one, the old file (see rename(2), fsync(2)).
"""

from __future__ import annotations

import os
import re
import secrets
from contextlib import suppress
from pathlib import Path

_UNFINISHED = re.compile(r"^\..+\.(?P<pid>\d+)\.[0-9a-f]{8}\.tmp$")


def write_atomically(path: Path, data: bytes, *, mode: int = 0o600, sync: bool = True) -> None:
    """Put `data` at `path`. On any error the old file stands untouched and nothing is left beside it.

    Without `sync` it is still whole for every reader, but may be lost with the power: for what is rewritten all day.
    Raises OSError (for instance ENOSPC, EACCES).
    """
    draft = path.parent / f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp"
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        try:
            write_fully(descriptor, data)
            if sync:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        draft.replace(path)
    except BaseException:
        with suppress(FileNotFoundError):  # it was never made, or it has already become the target
            draft.unlink()
        raise
    if sync:
        sync_folder(path.parent)


def write_fully(descriptor: int, data: bytes) -> None:
    """Write every byte: write(2) may take fewer than it was given. Raises OSError."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def sync_folder(folder: Path) -> None:
    """Make a rename or a new name inside `folder` survive a power cut. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sweep_unfinished(folder: Path) -> list[Path]:
    """Remove drafts whose writer was killed before it could; those of living processes stay. Returns what went."""
    gone: list[Path] = []
    if not folder.is_dir():
        return gone
    for entry in folder.iterdir():
        match = _UNFINISHED.match(entry.name)
        if match is None or _is_alive(int(match["pid"])):
            continue
        with suppress(FileNotFoundError):  # a process that started beside us swept it first
            entry.unlink()
            gone.append(entry)
    return gone


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
