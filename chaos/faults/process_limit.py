"""Lower one resource limit of a live process. Source: prlimit(2), getrlimit(2)."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager

from chaos.effect import NoEffect
from chaos.faults.victim import victim
from chaos.identity import ProcessId
from chaos.ledger import standing
from chaos.lift_kinds import ResetLimit


@contextmanager
def limited(fault: str, pid: int, limit: int, value: int) -> Iterator[ProcessId]:
    """Set the soft limit `limit` (a RLIMIT_ number) to `value` while the block runs.

    Only the soft limit moves, so no root is needed to give it back. Threads and later children have it too; children
    that live already do not. Raises ProcessLookupError, ValueError, PermissionError for another user's process, and
    NoEffect when the kernel reports another limit.
    """
    process = victim(pid)
    soft, hard = resource.prlimit(pid, limit)
    lift = ResetLimit(process=process, limit=limit, soft=soft, hard=hard)
    with standing(fault, f"{fault} {value} of process {pid}", lift):
        resource.prlimit(pid, limit, (value, hard))
        now, _ = resource.prlimit(pid, limit)
        if now != value:
            raise NoEffect(f"process {pid} was given a {fault} of {value} and has {now}")
        yield process
