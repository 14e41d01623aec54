"""How much processor time a bench's processes have used: waiting is only what remains when nothing of it computes.

Source: proc(5), `/proc/PID/stat` (fields 14 to 17, in clock ticks) and `/proc/PID/task/TID/children`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

_TICK_S = 1.0 / os.sysconf("SC_CLK_TCK")


def processor_s(roots: Iterable[int]) -> float:
    """Processor seconds of this process, and of the processes `roots` with all that descend from them."""
    return time.process_time() + sum(_used_s(pid) for root in roots for pid in _family(root))


def _family(pid: int) -> list[int]:
    try:
        told = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return [pid]  # it has ended, or this kernel does not list children: then its own time has to do
    return [pid, *(one for child in told.split() for one in _family(int(child)))]


def _used_s(pid: int) -> float:
    """Its own time and that of the children it has buried."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0.0  # it has ended
    return sum(map(int, fields[11:15])) * _TICK_S
