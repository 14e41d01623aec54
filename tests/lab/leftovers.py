"""What a run may leave behind: nothing. Folders and processes of one scratch place, and one hash over a whole tree."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil


@contextmanager
def scratch_place() -> Iterator[Path]:
    """A short folder for everything temporary: a unix socket's path must stay below 108 bytes."""
    folder = Path(tempfile.mkdtemp(prefix="t-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def temporary_files_in(folder: Path) -> Iterator[None]:
    """Let this process make its temporary folders there."""
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


def processes_of(folder: Path) -> list[str]:
    """The command lines of living processes that have `folder` in their arguments, working directory or environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid == psutil.Process().pid or process.status() == psutil.STATUS_ZOMBIE:
                continue
            told = [*process.cmdline(), process.cwd(), *process.environ().values()]
        except psutil.Error:
            continue  # it ended while we looked
        if any(str(folder) in text for text in told):
            found.append(f"{process.pid} {' '.join(process.cmdline())}")
    return found


def tree_hash(folder: Path) -> str:
    """One hash over every path, mode, time of change and byte below `folder`."""
    told = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        stat = path.lstat()
        body = path.read_bytes() if path.is_file() else b""
        told.update(f"{path.relative_to(folder)} {stat.st_mode:o} {stat.st_mtime_ns} {len(body)}\n".encode() + body)
    return told.hexdigest()


def until(condition: Callable[[], bool], deadline_s: float = 10.0) -> bool:
    """Whether the condition came to hold before the deadline."""
    until_s = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() > until_s:
            return False
    return True
