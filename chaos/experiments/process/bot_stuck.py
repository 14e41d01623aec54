"""FP-6.3: the trading loop is stopped, with its pid still there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from chaos.faults.process_pause import pause
from harness.lab.bench import Bench
from harness.vocabulary.roles import Service


@contextmanager
def fault(bench: Bench) -> Iterator[int]:
    """SIGSTOP the trading loop."""
    with pause(bench.pid(Service.TRADING_LOOP)) as process:
        yield process.pid
