"""Processes that outlive the fork which started them. They come to the fork server as its children, and end there."""

from __future__ import annotations

import os
import signal

_PASSES = 100


def children() -> set[int]:
    """The pids of this process's children, those included that were handed to it when their parent died."""
    listing = f"/proc/self/task/{os.getpid()}/children"
    with open(listing, encoding="ascii") as file:
        return {int(pid) for pid in file.read().split()}


def sweep(spared: set[int], live: set[int]) -> list[str]:
    """Kill children that are neither `spared` nor `live` forks nor descend from a live fork; the names of the killed.

    A descendant is told by the mount namespace, which each fork has for itself. Killing one brings its own children
    here, so it is done until none is left.
    """
    killed: list[str] = []
    for _ in range(_PASSES):
        found = children() - spared - live
        if found:
            living = {_namespace(pid) for pid in live} - {_namespace(os.getpid())}
            found = {pid for pid in found if _namespace(pid) not in living or _namespace(pid) == ""}
        if not found:
            break
        for pid in found:
            killed.append(_name(pid))
            _end(pid)
    return [name for name in killed if name]


def drop_clock(pid: int) -> None:
    """Remove what libfaketime shared under this pid; it does so itself only where a process ends in the regular way."""
    for name in (f"faketime_shm_{pid}", f"sem.faketime_sem_{pid}"):
        try:
            os.unlink(f"/dev/shm/{name}")  # noqa: PTH108, S108
        except FileNotFoundError:
            continue  # the usual case: this process had no clock of its own


def _end(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    except (ProcessLookupError, ChildProcessError):
        return  # it ended by itself and is reaped already
    finally:
        drop_clock(pid)


def _namespace(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/ns/mnt")  # noqa: PTH115
    except OSError:
        return ""  # a zombie, or gone


def _name(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            text = file.read()
    except OSError:
        return ""
    # A zombie has ended by itself: nothing that a reader must know.
    return "" if text.rpartition(")")[2].split()[0] == "Z" else text.partition("(")[2].rpartition(")")[0]
