"""What a warm canary costs, beside a start of the bot's own interpreter that imports the same code.

    python -m tests.benchmarks.bench_canary

Prints medians as shares of the peer in the same run. It never fails for being slow.
"""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from harness.canary import send
from harness.deployment import load
from harness.deployment.schema import CallTable
from harness.lab.bench import Bench, bench
from harness.lab.egress import seal
from harness.vocabulary import Depth

BOT = Path(__file__).resolve().parents[2] / "bot" / "bot.toml"
RUNS = 9


def median_s(once: Callable[[int], object]) -> float:
    """The median time of some calls, after one that is not counted."""
    once(0)
    took_s = []
    for number in range(1, RUNS + 1):
        started_s = time.perf_counter()
        once(number)
        took_s.append(time.perf_counter() - started_s)
    return statistics.median(took_s)


def import_once(made: Bench) -> None:
    """The peer: a fresh interpreter imports what the canary host has imported once."""
    modules = ", ".join({call.target.partition(":")[0] for call in _calls(made)})
    subprocess.run(
        [made.deployment.python, "-c", f"import {modules}"],
        env={**made.environment, "PYTHONPATH": str(made.deployment.python_path[0])},
        cwd=made.deployment.root,
        check=True,
    )


def canary(made: Bench, depth: Depth, own_s: list[float], number: int) -> None:
    """One golden signal, each time of another symbol; how long the bot's own call took goes into `own_s`."""
    symbols = made.deployment.toml.canary.symbols
    own_s.append(send(made, symbols[number % len(symbols)], depth).trace.duration_s)


def _calls(made: Bench) -> list[CallTable]:
    canary = made.deployment.toml.canary
    return [call for call in (canary.decide, canary.cycle) if call is not None]


def main() -> None:
    """Print each depth as a share of the peer."""
    seal()
    with bench(load(BOT), clean=True) as made:
        peer_s = median_s(lambda _: import_once(made))
        print(f"peer: a fresh start that imports the bot = 1.00 ({peer_s * 1000:.0f} ms here)")
        for depth in (Depth.DECIDE, Depth.CYCLE):
            own_s: list[float] = []
            took_s = median_s(partial(canary, made, depth, own_s))
            share = statistics.median(own_s) / took_s
            print(
                f"canary at {depth}, warm host = {took_s / peer_s:.2f} ({took_s * 1000:.0f} ms here), "
                f"of which the bot's own call {share:.0%}"
            )


if __name__ == "__main__":
    main()
