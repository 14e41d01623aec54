"""State files of the reference bot, damaged in every way: RED that names the file, or a ledger that is rebuilt.

Protections (freezes, kill switch, weights, threshold) must not count as released because they cannot be read; ledgers
(positions, cooldowns, intents) may be moved aside and filled again from the venue.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.canary import send
from harness.cli.arguments import REFERENCE
from harness.deployment import load
from harness.lab.bench import Bench, bench
from harness.readiness.judging import judge_all
from harness.verdict import colour_of, reasons
from harness.verdict.rules import of_points
from harness.vocabulary import Colour, Depth
from harness.vocabulary.roles import File

pytestmark = pytest.mark.timeout(120)

PROTECTIONS = (File.FREEZES, File.KILL_SWITCH, File.SIGNAL_WEIGHTS, File.RAISED_THRESHOLD)
LEDGERS = (File.POSITIONS, File.COOLDOWNS)
DAMAGES = ("missing", "empty", "truncated", "wrong type", "future", "not text")
REBUILT = ("empty", "truncated", "wrong type", "not text")


@pytest.fixture(scope="module")
def still() -> Iterator[Bench]:
    """The reference bot from its defaults, without processes: only the canary reads its files."""
    with bench(load(REFERENCE), clean=True, processes=False) as made:
        yield made


def damaged(raw: bytes, how: str) -> bytes | None:
    """The file's bytes after the damage; None when it is gone."""
    return {
        "missing": None,
        "empty": b"",
        "truncated": raw[: len(raw) // 2],
        "wrong type": b"[1, 2]",
        "future": json.dumps({**json.loads(raw), "schema": 99}).encode(),
        "not text": b"\xff\xfe\x00",
    }[how]


@contextmanager
def put(path: Path, raw: bytes | None) -> Iterator[None]:
    """The file with these bytes, or without it; as before at the end."""
    before = path.read_bytes()
    try:
        path.unlink() if raw is None else path.write_bytes(raw)
        yield
    finally:
        path.write_bytes(before)


@pytest.mark.parametrize("how", DAMAGES)
@pytest.mark.parametrize("role", PROTECTIONS)
def test_a_damaged_protection_stops_trading_and_is_named(still: Bench, role: File, how: str) -> None:
    """No order, and the file is named by the canary's reason or by the failure point that judges it."""
    path = still.path(role)
    with put(path, damaged(path.read_bytes(), how)):
        result = send(still, "AAPL", Depth.DECIDE)
        found = of_points(judge_all(still))
    told = " ".join([result.reason, *(reason.text for reason in found)])

    assert (result.traded, result.orders) == (False, ())
    assert colour_of(reasons((), [result], still.deployment.desks, None, ())) is Colour.RED
    assert path.name in told


@pytest.mark.parametrize("how", REBUILT)
@pytest.mark.parametrize("role", LEDGERS)
def test_a_damaged_ledger_is_rebuilt_and_trading_goes_on(still: Bench, role: File, how: str) -> None:
    """What the venue knows anyway is moved aside and filled again: exactly one order."""
    path = still.path(role)
    with put(path, damaged(path.read_bytes(), how)):
        result = send(still, "AAPL", Depth.DECIDE)

    assert result.traded, result.reason


@pytest.mark.parametrize("how", ["missing", "future"])
@pytest.mark.parametrize("role", LEDGERS)
def test_a_ledger_that_is_gone_or_from_the_future_stops_trading(still: Bench, role: File, how: str) -> None:
    """Nobody knows what it held: a person restores it, or runs the version that wrote it."""
    path = still.path(role)
    with put(path, damaged(path.read_bytes(), how)):
        result = send(still, "AAPL", Depth.DECIDE)

    assert (result.traded, result.orders) == (False, ())
    assert path.name in result.reason


def test_without_the_intent_log_nothing_is_sent(still: Bench) -> None:
    """Nobody knows which orders may stand."""
    path = still.path(File.INTENTS)
    with put(path, None):
        result = send(still, "AAPL", Depth.DECIDE)

    assert (result.traded, result.orders) == (False, ())
    assert path.name in result.reason


@pytest.mark.parametrize("content", [b"", b"garbage", b'{"reason": "holiday"}'])
def test_a_freeze_flag_stops_trading_whatever_it_holds(still: Bench, content: bytes) -> None:
    """The flag is the file: RED, its path, and the gate's line."""
    path = still.path(File.FREEZE_FLAG)
    path.write_bytes(content)
    try:
        result = send(still, "AAPL", Depth.DECIDE)
        found = of_points(judge_all(still))
    finally:
        path.unlink()

    assert not result.traded
    assert "pre_market_freeze" in result.reason
    assert any(path.name in reason.text for reason in found)
