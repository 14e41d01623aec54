"""A process has used up its file descriptors: it can open no file and no connection, and accepts none.

Source: getrlimit(2), RLIMIT_NOFILE; proc(5), /proc/PID/fd.
"""

from __future__ import annotations

import itertools
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos.faults.process_limit import limited
from chaos.identity import ProcessId


@contextmanager
def descriptor_limit(pid: int, *, spare: int = 0) -> Iterator[ProcessId]:
    """The next file it opens beyond `spare` fails with EMFILE while the block runs.

    What is open stays open. The kernel hands out the lowest free number, so the limit is set there.
    Raises as `limited` does.
    """
    taken = {int(name.name) for name in Path(f"/proc/{pid}/fd").iterdir()}
    free = (number for number in itertools.count() if number not in taken)
    with limited("descriptor limit", pid, resource.RLIMIT_NOFILE, next(itertools.islice(free, spare, None))) as process:
        yield process
