"""A cache of many signals is run through the bot's real cycle, and each signal is counted where it ended."""

from __future__ import annotations

import dataclasses
import json
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fixtures.unusual_whales import bullish_sweeps
from harness.canary.from_cache import CacheRun, Fate, fates_of, from_cache, grouped
from harness.cli.from_cache import cache_time
from harness.deployment import Deployment, load
from harness.lab.bench import Bench, bench
from harness.report.terminal_cache import sentence
from harness.vocabulary import Gate, GateVerdict, LostSignal, Outcome, Trace
from harness.vocabulary.roles import File

BOT = Path(__file__).resolve().parents[2] / "bot"
MOMENT = 1_795_618_800.0  # Wednesday 2026-11-25, 15:00 UTC: half an hour into a session
SIGNALS = 51


def blocked(signal: str, label: str, value: str, limit: str) -> Gate:
    """A gate that ended a signal."""
    return Gate(
        label=label,
        function="decide",
        file="bot.py",
        line=7,
        condition=f"{label}?",
        verdict=GateVerdict.BLOCKED,
        value=value,
        limit=limit,
        needs=f"{label} >= {limit}",
        signal=signal,
    )


def write_cache(deployment: Deployment, symbols: int) -> None:
    """A flow cache as the daemon writes it, with golden flow for the first symbol and thin flow for the others."""
    cache: dict[str, Any] = {"_metadata": {"last_update": MOMENT, "polls": 1, "symbols": symbols, "schema": 1}}
    for number in range(symbols):
        symbol = f"S{number:03d}"
        premium_usd = 400_000.0 if number == 0 else 60_000.0
        rows = bullish_sweeps(symbol, at=MOMENT, n=6 if number == 0 else 3, premium_usd=premium_usd)
        cache[symbol] = {"flow": rows, "darkpool": []}
    path = deployment.path(File.FLOW_CACHE)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(cache), encoding="utf-8")


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    """A deployment of the reference bot that has state, and a cache with 51 symbols."""
    root = tmp_path / "bot"
    shutil.copytree(BOT, root, ignore=shutil.ignore_patterns("state", "data", "logs", "__pycache__"))
    shutil.copytree(root / "defaults", root / "state")
    found = load(root / "bot.toml")
    write_cache(found, SIGNALS)
    return found


@pytest.fixture
def cached(deployment: Deployment) -> Iterator[Bench]:
    """A bench of it, at the cache's own time, without processes."""
    with bench(deployment, at_s=cache_time(deployment), processes=False) as made:
        yield made


def test_no_signal_is_left_out_of_the_count(cached: Bench) -> None:
    """51 symbols in the cache are 51 signals, each with a named end."""
    run = from_cache(cached)

    assert len(run.fates) == SIGNALS
    assert run.ended == ""
    assert sum(len(group.signals) for group in run.groups) == SIGNALS
    assert all(fate.gate or fate.lost or fate.orders for fate in run.fates)


def test_the_sentence_says_how_many_fell_where_and_how_near(cached: Bench) -> None:
    """The weak signals are below the threshold, and the nearest of them is told with what it needs."""
    run = from_cache(cached)
    weak = next(group for group in run.groups if group.reason == "score_below_threshold")
    gates = [fate.gate for fate in run.fates if fate.signal in weak.signals and fate.gate]

    assert weak.nearest == max((gate.value for gate in gates), key=float)
    assert sentence(run).startswith(f"{SIGNALS} signals, ")
    assert f"{len(weak.signals)} score_below_threshold (nearest " in sentence(run)
    assert "passes with score >= 3.0" in sentence(run)


def test_one_gate_before_all_is_named_once(deployment: Deployment) -> None:
    """A freeze stops the cycle before any signal is looked at, and is told as that."""
    freeze = {"active": True, "reason": "daily loss limit", "since": MOMENT, "until": MOMENT + 3600}
    deployment.path(File.FREEZES).write_text(json.dumps({"schema": 1, "freezes": {"performance": freeze}}))
    with bench(deployment, at_s=cache_time(deployment), processes=False) as made:
        run = from_cache(made)

    assert run.before_all is not None
    assert run.before_all.label == "freeze_active"


def test_the_deployment_is_not_changed(deployment: Deployment, cached: Bench) -> None:
    """The cycle runs on a copy: the cache and every state file of the deployment stay as they are."""
    before = {path: path.read_bytes() for path in deployment.root.rglob("*") if path.is_file()}
    from_cache(cached)
    after = {path: path.read_bytes() for path in deployment.root.rglob("*") if path.is_file()}

    assert before == after


def timed(made: Bench, count: int) -> float:
    """How long one look at the whole cache takes, in seconds; each of its signals has a fate."""
    started_s = time.monotonic()
    run = from_cache(made)
    took_s = time.monotonic() - started_s
    assert len(run.fates) == count
    return took_s


def test_two_hundred_signals_take_less_than_two_seconds(deployment: Deployment) -> None:
    """On a warm host, and the time grows no faster than the number of signals. The quickest of three looks counts, and
    it has room: the machine may be busy with other tests."""
    took_s = {}
    for count in (50, 200):
        write_cache(deployment, count)
        with bench(deployment, at_s=cache_time(deployment), processes=False) as made:
            assert made.host.pid
            took_s[count] = min(timed(made, count) for _ in range(3))

    assert took_s[200] < 2.0
    assert took_s[200] < took_s[50] * 4 * 2


def test_signals_are_told_apart_by_where_they_ended() -> None:
    """A gate, a line where no exit stands, and an order are three ends; the same gate is one group."""
    gates = (
        blocked("A", "score_low", "2.81", "3.0"),
        blocked("B", "score_low", "1.20", "3.0"),
        blocked("C", "cooldown", "40.0", "900.0"),
    )
    trace = Trace(
        outcome=Outcome.RETURNED, gates=gates, lost=(LostSignal(signal="D", file="b.py", line=3, how="slice"),)
    )
    fates = fates_of(trace, ())
    run = CacheRun(fates=fates, groups=grouped(fates), before_all=None, trace=trace)

    assert [fate.reason for fate in fates] == ["score_low", "score_low", "cooldown", "slice at b.py:3"]
    assert sentence(run) == (
        "4 signals, 0 orders: 2 score_low (nearest 2.81; passes with score_low >= 3.0), "
        "1 cooldown (nearest 40; passes with cooldown >= 900.0), 1 slice at b.py:3"
    )


def test_an_end_that_nobody_can_name_is_said() -> None:
    """A signal whose end is in neither trace nor ledger is not dropped from the count."""
    passed = dataclasses.replace(blocked("A", "score_low", "4.0", "3.0"), verdict=GateVerdict.PASSED)
    fates = fates_of(Trace(outcome=Outcome.RETURNED, gates=(passed,)), ())

    assert fates == (Fate(signal="A"),)
    assert fates[0].reason == "unknown: nothing in the trace says where it ended"
