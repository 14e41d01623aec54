"""How the golden rows come into the bot, and what is said where they do not: by the provider's own log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.canary import send
from harness.canary.arrival import POLLS_ANSWERED, POLLS_REFUSED, _evidence
from harness.deployment import Deployment, load
from harness.lab.bench import Bench, bench
from harness.lab.world import Traffic
from harness.vocabulary import Depth, Stage
from harness.vocabulary.roles import Service
from tests.canary.attached import attached

FLOW = "/api/option-trades/flow-alerts"
CACHE = '\n[files.flow_cache]\npath = "diary/flow.json"\n'


def fed_by(folder: Path, function: str) -> Deployment:
    """A control bot whose rows a function of its own brings into a cache."""
    deployment = attached(folder, "trades_rightly")
    text = deployment.toml_path.read_text(encoding="utf-8")
    text = text.replace("trader:cycle", "trader:cycle_from_cache").replace("deadline_s = 2.0", "deadline_s = 1.0")
    feed = f'\n[canary.feed]\ntarget = "desk:{function}"\n'
    deployment.toml_path.write_text(text + CACHE + feed, encoding="utf-8")
    return load(deployment.toml_path)


@pytest.fixture
def idle(tmp_path: Path) -> Iterator[Bench]:
    """A bot with no process that feeds."""
    with bench(attached(tmp_path, "trades_rightly")) as made:
        yield made


def asked(*statuses: int | None, path: str = FLOW) -> list[Traffic]:
    """Requests with these answers."""
    return [Traffic(path=path, status=status, at_s=0.0) for status in statuses]


@pytest.mark.parametrize(
    ("traffic", "stage"),
    [
        ([], None),
        (asked(None), None),
        (asked(200), None),
        (asked(*[200] * (POLLS_ANSWERED - 1)), None),
        (asked(*[200] * POLLS_ANSWERED), Stage.CACHE),
        (asked(200, 200) + asked(200, 200, path="/api/darkpool/recent"), None),
        (asked(401), Stage.PROVIDER),
        (asked(403), Stage.PROVIDER),
        (asked(429), None),
        (asked(*[503] * (POLLS_REFUSED - 1)), None),
        (asked(*[503] * POLLS_REFUSED), Stage.PROVIDER),
        (asked(503, 503, 200), None),
        (asked(401, 200), None),
    ],
)
def test_the_wait_ends_on_evidence_and_not_before(traffic: list[Traffic], stage: Stage | None, idle: Bench) -> None:
    """A key that is refused ends it at once, a busy provider gets more polls, and fetched rows time to be written."""
    found = _evidence(idle, traffic)

    assert [arrival.stage for arrival in found] == ([stage] if stage else [])


def test_a_feed_function_of_the_bot_brings_the_rows(tmp_path: Path) -> None:
    """No daemon: the function that bot.toml names is run in a process of the bot's own, twice with the same result."""
    with bench(fed_by(tmp_path, "fetch_into_cache")) as made:
        results = [send(made, symbol, Depth.CYCLE) for symbol in ("AAPL", "MSFT")]
        left = (made.deployment.root / "diary" / "flow.json").read_text(encoding="ascii")

    assert [(result.traded, len(result.orders)) for result in results] == [(True, 1)] * 2, results[0].reason
    assert left == "{}"


@pytest.mark.parametrize(
    ("function", "says"),
    [
        ("fetch_with_a_defect", "the feed function desk:fetch_with_a_defect failed: KeyError: 'ticker'"),
        ("fetch_for_ever", "the feed function desk:fetch_for_ever had not returned after 1 s"),
        ("no_such_function", "has no attribute 'no_such_function'"),
    ],
)
def test_a_feed_function_that_fails_is_where_the_signal_stops(function: str, says: str, tmp_path: Path) -> None:
    """Stage feed, with the function's own last word."""
    with bench(fed_by(tmp_path, function)) as made:
        result = send(made, "AAPL", Depth.CYCLE)

    assert (result.traded, result.stage) == (False, Stage.FEED)
    assert says in result.reason


def test_a_process_that_trades_and_has_ended_is_not_waited_for(tmp_path: Path) -> None:
    """At depth process a dead loop completes no cycle: it is RED long before the patience ends."""
    with bench(attached(tmp_path, "trades_rightly", loop=True)) as made:
        made.services.port.stop(Service.TRADING_LOOP)
        result = send(made, "AAPL", Depth.PROCESS)

    assert (result.traded, result.orders) == (False, ())
    assert result.duration_s < 2.0
