"""Signals in the rows of a DataFrame: the line that left one out, what stood in it, what it was compared with."""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from harness.tracing.probe import record
from tests.tracing.probed import Venue, blocker, ended, load, run

pd: Any = importlib.import_module("pandas")
GOOD: dict[str, Any] = {"symbol": "GOOD", "score": 5.0, "volume": 900, "tags": ["x"]}
WEAK: dict[str, Any] = {**GOOD, "symbol": "WEAK", "score": 2.31}
BOT = """
LIMIT = 3.0

def decide(signals, venue):
    frame = pd.DataFrame(signals)
    frame = frame.dropna()
    {line}
    for row in {rows}:
        venue.submit_order({symbol})
"""
TURNS = [
    ("frame.itertuples()", "row.symbol"),
    ("frame.to_dict('records')", "row['symbol']"),
    ("[one for _, one in frame.iterrows()]", "row['symbol']"),
]


@pytest.mark.parametrize(
    ("line", "value", "limit"),
    [
        ("frame = frame[frame['score'] > LIMIT]", "score 2.31", "LIMIT 3.0"),
        ("frame = frame.query('score > 3 and volume > 1')", "score 2.31, volume 900", ""),
        ("frame = frame.loc[(frame.score > LIMIT) & (frame.volume > 1)]", "score 2.31, volume 900", "LIMIT 3.0"),
        ("frame = frame.sort_values('score', ascending=False).head(1)", "score 2.31", ""),
        ("frame = frame.set_index('symbol', drop=False).drop('WEAK')", "symbol 'WEAK'", ""),
    ],
    ids=["mask", "query", "loc", "head", "index"],
)
@pytest.mark.parametrize(("rows", "symbol"), TURNS, ids=["tuples", "records", "rows"])
def test_a_row_that_is_left_out_is_named(line: str, value: str, limit: str, rows: str, symbol: str) -> None:
    """Each way of leaving a row out ends its signal at that line; the other one is ordered."""
    venue = Venue()
    namespace = load(BOT.format(line=line, rows=rows, symbol=symbol), pd=pd)
    found = run(namespace["decide"], [WEAK, GOOD], venue, signals=[WEAK, GOOD]).trace
    gate = blocker(found, "WEAK")

    assert (7, line.partition(" = ")[2], value, limit) == (gate.line, gate.condition, gate.value, gate.limit)
    assert (venue.orders, ended(found, "GOOD")) == (["GOOD"], False)


def test_a_frame_of_the_bots_own_kind_is_not_asked_anything() -> None:
    """Its methods are the bot's code; only pandas' own types are looked into."""
    asked: list[str] = []

    def __getattribute__(self: Any, name: str) -> Any:  # noqa: N807 - it takes that one's place
        asked.append(name)
        return pd.DataFrame.__getattribute__(self, name)

    frame = type("Frame", (pd.DataFrame,), {"__getattribute__": __getattribute__})([WEAK])
    namespace = load("def decide(frame):\n    other = frame[:]\n    return other is frame\n")
    record.start(signals=[WEAK], identity=["symbol"])
    asked.clear()
    namespace["decide"](frame)
    probed = [*asked]
    asked.clear()
    other = frame[:]

    assert other is not frame
    assert probed == asked
