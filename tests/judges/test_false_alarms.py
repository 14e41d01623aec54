"""Ten thousand healthy bots, and no judge says anything."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from harness.catalogue import built
from harness.deployment import load
from harness.failure_point import judge
from harness.vocabulary import Status
from tests.judges.healthy import AGES, Drawn, HealthyBot

BOT = Path(__file__).resolve().parents[2] / "bot" / "bot.toml"
SNAPSHOTS = 10_000
OF_ONE_DRAW = 10
"""Snapshots that follow from one draw, each from a seed of its own: drawing costs more than judging."""
MANY_ONE_IN = 50

drawn = st.builds(
    Drawn,
    seed=st.integers(0, 2**32 - 1),
    symbols=st.integers(1, MANY_ONE_IN).map(lambda n: 1000 if n == MANY_ONE_IN else n % 3 + 1),
    age=st.just(0.0),
    freeze=st.booleans(),
    milliseconds=st.booleans(),
)


@pytest.mark.timeout(240)
def test_no_false_alarm(tmp_path: Path) -> None:
    """Ages at 0.9 of each limit, one symbol and a thousand, odd tickers, 401 as a price in every log: all OK."""
    deployment = load(BOT)
    bot = HealthyBot(replace(deployment, root=tmp_path))
    counted: Counter[int] = Counter()
    alarms: list[str] = []

    @settings(
        max_examples=SNAPSHOTS // OF_ONE_DRAW,
        phases=[Phase.generate],
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(drawn)
    def look(one: Drawn) -> None:
        for nth in range(OF_ONE_DRAW):
            each = replace(one, seed=one.seed + nth, age=AGES[nth % len(AGES)])
            snapshot = bot.snapshot(each)
            counted[each.symbols] += 1
            judged = [judge(point, snapshot) for point in built().values()]
            alarms.extend(f"{each}: {row.id} {row.finding.summary}" for row in judged if row.status is not Status.OK)

    look()

    assert alarms == []
    assert counted.total() == SNAPSHOTS
    assert {1, 1000} <= set(counted)
