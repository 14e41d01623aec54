"""A process dies at once, with no chance to clean up.

Nothing is lifted: whether anyone starts it again is the question. Source: signal(7), SIGKILL.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from chaos.effect import NoEffect
from chaos.faults.victim import victim
from chaos.identity import Life, ProcessId
from chaos.ledger import standing
from chaos.lift_kinds import NothingToLift
from chaos.waiting import wait_until

DEAD_WITHIN_S = 5.0


@contextmanager
def kill(pid: int) -> Iterator[ProcessId]:
    """SIGKILL. A zombie that its parent has not collected counts as dead.

    Raises ProcessLookupError, ValueError (see `victim`), PermissionError, and NoEffect when it lives on.
    """
    process = victim(pid)
    with standing("kill", f"death of process {pid}", NothingToLift()):
        os.kill(pid, signal.SIGKILL)
        if not wait_until(lambda: process.life() is not Life.ALIVE, within_s=DEAD_WITHIN_S):
            raise NoEffect(f"process {pid} lives on after SIGKILL: is it frozen or stuck in the kernel?")
        yield process
