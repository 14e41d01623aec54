"""Which process is meant, so that a pid the kernel has given to another is never touched.

A process is named by its pid, its start in clock ticks since boot, the boot and the pid namespace it was seen in.
Start ticks do not move when somebody sets the wall clock. Source: proc(5) (`/proc/PID/stat` fields 3 and 22).
"""

from __future__ import annotations

import os
from enum import Enum
from pathlib import Path

import msgspec

ZOMBIE = "Z"
STOPPED = "T"


class Life(Enum):
    """What can be said about a process from here."""

    ALIVE = "alive"
    GONE = "gone"
    OUT_OF_SIGHT = "out of sight"  # another pid namespace of this boot: it may well live


class ProcessId(msgspec.Struct, frozen=True, kw_only=True):
    """One process, for ever: equal only for the same process."""

    pid: int
    started_ticks: int
    boot: str
    namespace: str

    def life(self) -> Life:
        """Whether it still runs. A zombie runs no more."""
        if self.boot != _boot():
            return Life.GONE
        if self.namespace != _namespace():
            return Life.OUT_OF_SIGHT
        state, started_ticks = _stat(self.pid)
        same = started_ticks == self.started_ticks
        return Life.ALIVE if same and state != ZOMBIE else Life.GONE

    def state(self) -> str:
        """The kernel's letter for it (R, S, D, T, Z ...), or an empty string when it is gone."""
        state, started_ticks = _stat(self.pid)
        return state if started_ticks == self.started_ticks else ""


def identify(pid: int) -> ProcessId:
    """Name a running process.

    Raises ProcessLookupError when no process of that pid runs here.
    """
    state, started_ticks = _stat(pid)
    if state in {"", ZOMBIE}:
        raise ProcessLookupError(f"no process {pid} runs here: is it the pid of a service that has ended?")
    return ProcessId(pid=pid, started_ticks=started_ticks, boot=_boot(), namespace=_namespace())


def myself() -> ProcessId:
    """Name this process; never kept, since a fork would inherit what was kept."""
    return identify(os.getpid())


def _stat(pid: int) -> tuple[str, int]:
    """State letter and start ticks; ("", -1) when there is no such process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return "", -1
    fields = text[text.rindex(")") + 2 :].split()  # the name in brackets may hold spaces and brackets
    return fields[0], int(fields[19])


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def _namespace() -> str:
    return str(Path("/proc/self/ns/pid").readlink())
