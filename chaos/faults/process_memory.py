"""A process cannot get more memory: the next large allocation fails, in Python as a MemoryError.

Source: getrlimit(2), RLIMIT_AS. The kernel's OOM killer is another fault: it looks like `kill`.
"""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from chaos.faults.process_limit import limited
from chaos.identity import ProcessId


@contextmanager
def memory_limit(pid: int, *, headroom_bytes: int = 1 << 20) -> Iterator[ProcessId]:
    """Its address space may grow by `headroom_bytes` and no more while the block runs.

    What Python holds in its own pools is used first, so small objects go on for a while. Raises as `limited` does,
    and psutil.NoSuchProcess when the process is gone.
    """
    size_bytes = psutil.Process(pid).memory_info().vms
    with limited("memory limit", pid, resource.RLIMIT_AS, size_bytes + headroom_bytes) as process:
        yield process
