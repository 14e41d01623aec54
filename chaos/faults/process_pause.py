"""A process is there, and does nothing: its supervisor says RUNNING, its sockets accept, nobody answers.

Source: signal(7), SIGSTOP and SIGCONT.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from chaos.effect import NoEffect
from chaos.faults.victim import victim
from chaos.identity import STOPPED, ProcessId
from chaos.ledger import standing
from chaos.lift_kinds import Resume
from chaos.waiting import wait_until

STOPPED_WITHIN_S = 5.0


@contextmanager
def pause(pid: int) -> Iterator[ProcessId]:
    """SIGSTOP while the block runs, then SIGCONT, unless somebody has killed it meanwhile.

    Raises ProcessLookupError, ValueError (see `victim`), PermissionError, and NoEffect when it runs on.
    """
    process = victim(pid)
    with standing("pause", f"pause of process {pid}", Resume(process=process)):
        os.kill(pid, signal.SIGSTOP)
        if not wait_until(lambda: process.state() == STOPPED, within_s=STOPPED_WITHIN_S):
            raise NoEffect(f"process {pid} does not stop; its state is {process.state() or 'gone'}")
        yield process
