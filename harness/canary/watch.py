"""Watching a bench's own processes from outside: whether one is at work, and how many cycles it has completed."""

from __future__ import annotations

import psutil

from harness.lab.bench import Bench
from harness.observe.files import field, parse
from harness.services import ServiceFailed
from harness.vocabulary.roles import Service

_NOT_AT_WORK = (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD, psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP)


def at_work(bench: Bench, role: Service) -> bool:
    """Whether the service has a process that can run: not ended, not stopped by SIGSTOP."""
    try:
        status = psutil.Process(bench.pid(role)).status()
    except (ServiceFailed, psutil.NoSuchProcess):
        return False
    return status not in _NOT_AT_WORK


def cycles_done(bench: Bench) -> int | None:
    """Completed cycles of the services that trade, by their heartbeats: of the slowest one; None where one does not
    count them."""
    done: list[int] = []
    for table in bench.deployment.toml.services.values():
        if not table.trades:
            continue
        if not table.heartbeat or not table.cycles:
            return None
        try:
            content, _ = parse((bench.deployment.root / table.heartbeat).read_bytes())
        except OSError:
            return None  # it has not beaten yet, so nothing is counted yet
        count = field(content, table.cycles)
        if not isinstance(count, int):
            return None
        done.append(count)
    return min(done, default=None)
