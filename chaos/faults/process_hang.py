"""A process hangs inside a system call that does not come back: it is not stopped, and it does not end.

A tracer holds its next call for as long as the fault lasts, as a dead network disk or a lock that nobody releases
would. Source: strace(1), `--inject=SET:delay_enter`; ptrace(2): a tracer that ends lets its process run on.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from chaos.effect import NoEffect
from chaos.faults.victim import victim
from chaos.identity import ProcessId, identify
from chaos.ledger import standing
from chaos.lift_kinds import Kill
from chaos.waiting import wait_until

HELD_WITHIN_S = 5.0
HELD_FOR_US = 3_600_000_000
"""An hour: longer than any test."""
_HELD = "t"  # stopped by its tracer, proc(5)
_WAITS_FOR_THE_LEDGER = 'read -r go && exec "$@"'


@contextmanager
def hang(pid: int) -> Iterator[ProcessId]:
    """Hold the next system call of the process's first thread while the block runs.

    Where somebody kills it meanwhile, its parent learns of that when the fault is lifted: so no remedy is tried on it.
    Needs strace and the right to trace (capability `strace`). Raises ProcessLookupError, ValueError (see `victim`),
    FileNotFoundError without strace, and NoEffect when the process runs on.
    """
    process = victim(pid)
    trace = ["strace", "-qq", "-o", "/dev/null", "-e", f"inject=all:delay_enter={HELD_FOR_US}", "-p", str(pid)]
    tracer = subprocess.Popen(
        ["sh", "-c", _WAITS_FOR_THE_LEDGER, "sh", *trace],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with standing("hang", f"hang of process {pid}", Kill(process=identify(tracer.pid))):
            assert tracer.stdin is not None
            tracer.stdin.write(b"go\n")
            tracer.stdin.close()
            if not wait_until(lambda: process.state() == _HELD, within_s=HELD_WITHIN_S):
                raise NoEffect(f"process {pid} does not hang; its state is {process.state() or 'gone'}")
            yield process
    finally:
        tracer.kill()
        tracer.wait()
