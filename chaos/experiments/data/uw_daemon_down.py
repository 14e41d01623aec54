"""FP-1.1: the daemon is killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from chaos.experiments.killed import killed
from harness.lab.bench import Bench
from harness.vocabulary.roles import Service


@contextmanager
def fault(bench: Bench) -> Iterator[int]:
    """SIGKILL the flow daemon."""
    with killed(bench, Service.FLOW_DAEMON) as pid:
        yield pid
