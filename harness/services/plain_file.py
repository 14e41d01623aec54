"""One read of a file that is sure to end: a pipe or a device in its place would keep the reader for ever."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

SIZE_BYTES_MAX = 64 * 1024 * 1024


def read_plain(path: Path, *, tail: int = 0) -> bytes:
    """The first 64 MiB of a regular file, or its last `tail` bytes. Raises `OSError`, also for anything else."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, "it is no plain file", str(path))
        if tail:
            file.seek(max(0, file.seek(0, os.SEEK_END) - tail))
        return file.read(tail or SIZE_BYTES_MAX)
