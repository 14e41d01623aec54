"""A process beats on, and cannot write anything larger than a heartbeat.

Every write past the limit fails with EFBIG (Python ignores SIGXFSZ, so it is an OSError), which is what a full disk
looks like to a program, with nothing of the disk touched. Source: getrlimit(2), RLIMIT_FSIZE.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager

from chaos.faults.process_limit import limited
from chaos.identity import ProcessId


@contextmanager
def file_size_limit(pid: int, *, bytes_max: int = 512) -> Iterator[ProcessId]:
    """No file of this process may grow past `bytes_max` while the block runs.

    The limit counts the offset in the file, so it also stops a log that is appended to past it; files that are
    larger already keep their size. A few hundred bytes leave room for a heartbeat and for no cache.
    Raises as `limited` does.
    """
    with limited("file size limit", pid, resource.RLIMIT_FSIZE, bytes_max) as process:
        yield process
