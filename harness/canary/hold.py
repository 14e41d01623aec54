"""Holding the lab's own trading processes while a canary's rows are in the cache, so that the two cannot meet."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from harness.lab.bench import Bench
from harness.services import ServiceFailed

STOPPED_WITHIN_S = 1.0


@contextmanager
def trading_held(bench: Bench) -> Iterator[None]:
    """SIGSTOP every running service with `trades = true`; SIGCONT those at the end, and only those."""
    held = []
    for role, table in bench.deployment.toml.services.items():
        if table.trades:
            with suppress(ServiceFailed, ProcessLookupError):  # one that does not run needs no holding
                pid = bench.pid(role)
                if not _stopped(pid):
                    os.kill(pid, signal.SIGSTOP)
                    held.append(pid)
                    bench.wait(partial(_stopped, pid), STOPPED_WITHIN_S)
    try:
        yield
    finally:
        for pid in held:
            with suppress(ProcessLookupError):  # a fault under test may have ended it meanwhile
                os.kill(pid, signal.SIGCONT)


def _stopped(pid: int) -> bool:
    """Whether a fault under test has stopped it already: lifting that is not ours."""
    return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0] == "T"
