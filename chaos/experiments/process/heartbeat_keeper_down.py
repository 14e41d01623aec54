"""FP-6.12: the heartbeat keeper is killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from chaos.experiments.killed import killed
from harness.lab.bench import Bench
from harness.vocabulary.roles import Service


@contextmanager
def fault(bench: Bench) -> Iterator[int]:
    """SIGKILL the heartbeat keeper; its last report stays where it is."""
    with killed(bench, Service.HEARTBEAT_KEEPER) as pid:
        yield pid
