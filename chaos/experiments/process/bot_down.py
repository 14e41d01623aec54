"""FP-6.1: the trading loop is killed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from chaos.experiments.killed import killed
from harness.lab.bench import Bench
from harness.vocabulary.roles import Service


@contextmanager
def fault(bench: Bench) -> Iterator[int]:
    """SIGKILL the trading loop."""
    with killed(bench, Service.TRADING_LOOP) as pid:
        yield pid
