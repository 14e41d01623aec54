"""What the probe costs on a function of sixty gates that do real work, beside coverage.py and `sys.settrace`.

`python -m tests.benchmarks.bench_probe`: prints ratios to the unprobed function, and never fails. Each gate looks
things up in dicts, computes a little, compares, and logs through `logging` below its level, as bots do.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import coverage

from harness.tracing.probe import door, record, rewrite

GATES = 60
SIGNALS = 10
ROUNDS = 150
HEAD = """
import logging
from statistics import fmean

log = logging.getLogger("bench")
log.setLevel(logging.WARNING)


def decide(signals, limits, state, sent):
    for s in signals:
"""
GATE = """
        seen = state.get(s["symbol"], state["default"])
        level = s["features"]["f{n}"] * 0.5 + seen["bias"] * limits.get("scale", 1.0)
        spread = abs(max(level, seen["low"]) - min(level, seen["high"])) / max(seen["high"], 1.0)
        level = round(level + fmean(seen["recent"]) * spread, 4)
        log.debug("gate {n} for %s at %s", s["symbol"], level)
        if level < limits["min_{n}"]:
            log.info("blocked by gate {n}: %s", level)
            continue
"""
TAIL = """
        sent.append(s["symbol"])
"""
ADJUST = """
        score = s["features"]["f{n}"] * limits.get("scale", 1.0)
"""
SOURCE = (
    HEAD
    + "".join(GATE.format(n=number) + (ADJUST.format(n=number) if number % 10 == 0 else "") for number in range(GATES))
    + TAIL
)


def _function(code: Any) -> Callable[..., Any]:
    namespace: dict[str, Any] = {"__name__": "bench"}
    exec(code, namespace)  # noqa: S102 - the source is ours
    decide: Callable[..., Any] = namespace["decide"]
    return decide


def _arguments() -> tuple[Any, ...]:
    signals = [
        {"symbol": f"SYM{number}", "features": {f"f{gate}": 3.0 + gate for gate in range(GATES)}}
        for number in range(SIGNALS)
    ]
    limits = {f"min_{gate}": 1.0 for gate in range(GATES)}
    return signals, limits, {"default": {"bias": 0.1, "low": 1.0, "high": 9.0, "recent": [1.0, 2.0, 3.0]}}, []


def _timed(function: Callable[..., Any]) -> float:
    arguments = _arguments()
    began = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - began


def _recorded(function: Callable[..., Any], lineage: dict[str, list[str]]) -> float:
    arguments = _arguments()
    recorder = record.start(signals=arguments[0], identity=["symbol"], lineage=lineage)
    began = time.perf_counter()
    function(*arguments)
    spent = time.perf_counter() - began
    recorder.events.clear()
    recorder.finish("returned")
    return spent


def _settraced(function: Callable[..., Any]) -> float:
    lines: list[int] = []

    def trace(frame: Any, event: str, argument: Any) -> Any:
        lines.append(frame.f_lineno)
        return trace

    sys.settrace(trace)
    try:
        return _timed(function)
    finally:
        sys.settrace(None)


def _covered(path: Path) -> Callable[[], float]:
    """The same function from a file, under coverage.py's branch mode."""
    path.write_text(SOURCE)
    measuring = coverage.Coverage(branch=True, data_file=None, include=[str(path)])
    function = _function(compile(SOURCE, str(path), "exec"))

    def run() -> float:
        measuring.start()
        try:
            return _timed(function)
        finally:
            measuring.stop()

    return run


def main() -> None:
    """Measure all ways in turn, round by round, and print medians."""
    door.stand()
    plain = _function(compile(SOURCE, "bench.py", "exec"))
    exits = _function(rewrite.compiled(SOURCE, "bench.py", "exits"))
    gates = _function(rewrite.compiled(SOURCE, "bench.py", "gates", frozenset({"score", "level"})))
    with tempfile.TemporaryDirectory() as directory:
        covered = _covered(Path(directory) / "bench_covered.py")
        ways: dict[str, Callable[[], float]] = {
            "unprobed": lambda: _timed(plain),
            "probe, recording off": lambda: _timed(gates),
            "probe, exits": lambda: _recorded(exits, {}),
            "probe, every gate with values": lambda: _recorded(gates, {}),
            "probe, every gate, lineage of the score": lambda: _recorded(gates, {"score": ["score"]}),
            "probe, every gate, lineage in every gate": lambda: _recorded(gates, {"score": ["score", "level"]}),
            "coverage.py, branches": covered,
            "sys.settrace, lines": lambda: _settraced(plain),
        }
        spent: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, way in ways.items():
                spent[name].append(way())
    base = spent["unprobed"]
    print(f"{GATES} gates x {SIGNALS} signals, {min(base) / GATES / SIGNALS * 1e6:.2f} us per gate unprobed")
    for name, times in spent.items():
        median = statistics.median(part / whole for part, whole in zip(times, base, strict=True))
        print(f"{name:45} {median:6.3f}x median, {min(times) / min(base):6.3f}x of minima")


if __name__ == "__main__":
    main()
