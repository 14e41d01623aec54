"""A service is killed; lifting starts it again where nobody has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from chaos.faults.process_kill import kill
from harness.lab.bench import Bench
from harness.vocabulary.roles import Service


@contextmanager
def killed(bench: Bench, role: Service) -> Iterator[int]:
    """SIGKILL the process of `role` and yield its pid."""
    pid = bench.pid(role)
    try:
        with kill(pid):
            yield pid
    finally:
        bench.services.port.start(role)
