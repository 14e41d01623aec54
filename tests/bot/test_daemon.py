"""The flow daemon keeps the cache fresh, and leaves it to age when it cannot."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from typing import Any

import pytest

from bot.equities.daemon import FlowDaemon, build_daemon
from fixtures.script import Drop, Fault, Hang, Mangle, Put, Reply, ResetBefore
from tests.bot.conftest import World, patience


def cache(world: World) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(world.home.flow_cache.read_bytes())
    return found


def daemon() -> FlowDaemon:
    made = build_daemon()
    made.random = random.Random(1)
    return made


def test_a_poll_writes_the_cache_with_its_age_and_its_symbols(world: World) -> None:
    """Two requests, one cache: `_metadata` and one entry per symbol with the provider's own rows."""
    with world.golden_flow("AAPL"):
        wait_s = daemon().poll()
    found = cache(world)
    metadata = found.pop("_metadata")

    assert wait_s == 30.0
    assert abs(time.time() - metadata["last_update"]) < 5
    assert (metadata["polls"], metadata["symbols"], metadata["schema"]) == (1, len(found), 1)
    assert sum(row["has_sweep"] for row in found["AAPL"]["flow"]) >= 6
    assert len(found["AAPL"]["darkpool"]) >= 4
    assert {row["ticker"] for rows in found.values() for row in rows["flow"] + rows["darkpool"]} == set(found)
    assert [request.path for request in world.provider.requests] == [
        "/api/option-trades/flow-alerts",
        "/api/darkpool/recent",
    ]


def test_what_is_withdrawn_leaves_the_cache(world: World) -> None:
    """The cache is what the provider says now, and nothing older."""
    made = daemon()
    with world.golden_flow("AAPL"):
        made.poll()
    golden = {row["id"] for row in cache(world)["AAPL"]["flow"]}
    made.poll()
    ordinary = {row["id"] for row in cache(world).get("AAPL", {"flow": []})["flow"]}

    assert len(golden - ordinary) == 6


def rows(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Any], Any]:
    return lambda body: {**body, "data": [change(row) for row in body["data"]]}


@pytest.mark.parametrize(
    ("fault", "event", "status"),
    [
        (Reply(401, {"message": "unauthorized"}), "auth_refused", 401),
        (Reply(403, {"code": "historic_data_access_missing", "message": "..."}), "auth_refused", 403),
        (Reply(429, {"message": "Daily Request Limit Hit"}, {"retry-after": "120"}), "rate_limited", 429),
        (Reply(500, "Something went wrong"), "provider_unreachable", 500),
        (Reply(200, "<html>maintenance</html>"), "contract_broken", 200),
        (Reply(200, {"totally": "wrong"}), "contract_broken", 200),
        (Mangle(rows(lambda row: {k: v for k, v in row.items() if k != "total_premium"})), "contract_broken", 200),
        (Mangle(rows(lambda row: {**row, "created_at": 1_700_000_000})), "contract_broken", 200),
        (ResetBefore(), "provider_unreachable", None),
    ],
)
def test_a_failed_poll_is_named_and_leaves_the_cache_alone(
    world: World, fault: Fault, event: str, status: int | None
) -> None:
    """The log has the event and the status; the bytes of the cache are the ones from before."""
    made = daemon()
    made.poll()
    before = world.home.flow_cache.read_bytes()
    with world.provider.script.rule(fault):
        made.poll()
    last = world.log("uw_daemon.jsonl")[-1]

    assert (last["level"], last["event"], last["status"]) == ("error", event, status)
    assert world.home.flow_cache.read_bytes() == before


def test_a_rate_limit_is_waited_out_and_the_rate_halved(world: World) -> None:
    """At least the stated 120 s; the bucket refills at half its rate until polls go well again."""
    made = daemon()
    with world.provider.script.rule(Reply(429, {"message": "slow down"}, {"retry-after": "120"})):
        wait_s = made.poll()
    slowed = made.pacer.per_minute
    made.poll()

    assert wait_s >= 120
    assert (slowed, made.pacer.per_minute) == (30, 36)


def test_backing_off_grows_with_jitter_and_has_a_ceiling(world: World) -> None:
    """5xx: each wait lies between half and all of a doubling ceiling, which ends at five minutes."""
    made = daemon()
    with world.provider.script.rule(Reply(500, "Something went wrong")):
        waits_s = [made.poll() for _ in range(8)]
    ceilings_s = [min(300.0, 30 * 2.0**failures) for failures in range(1, 9)]

    assert all(ceiling / 2 <= wait <= ceiling for wait, ceiling in zip(waits_s, ceilings_s, strict=True))
    assert len(set(waits_s)) == 8


def test_a_fast_daemon_waits_ten_of_its_own_intervals_at_most(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """429 after 429: the waits end at ten intervals, and the rate at the one that such waits leave anyway."""
    monkeypatch.setenv("UW_POLL_INTERVAL_S", "0.05")
    monkeypatch.setenv("UW_REQUESTS_PER_MINUTE", "36000")
    made = daemon()
    with world.provider.script.rule(Reply(429, {"message": "slow down"})):
        waits_s = [made.poll() for _ in range(12)]

    assert max(waits_s) <= 0.5
    assert min(waits_s[-4:]) >= 0.25
    assert made.pacer.per_minute == 240


def test_a_wrong_key_is_asked_again_slowly(world: World) -> None:
    """Ten times the interval, however often: a key may be mended while the daemon runs."""
    made = daemon()
    with world.provider.script.rule(Reply(401, {"message": "unauthorized"})):
        waits_s = [made.poll() for _ in range(4)]

    assert waits_s == [300.0] * 4
    assert made.poll() == 30.0


def test_one_malformed_row_costs_only_itself(world: World) -> None:
    """The others are cached, and the log says what was wrong with it."""
    made = daemon()
    with world.golden_flow("AAPL"), world.provider.script.rule(Mangle(Drop("data.0.strike")), path="/api/option"):
        made.poll()
    kept = sum(len(rows["flow"]) for symbol, rows in cache(world).items() if symbol != "_metadata")
    (told,) = [row for row in world.log("uw_daemon.jsonl") if row["event"] == "rows_quarantined"]

    assert kept == 199
    assert (told["rows"], told["why"]) == (1, "Object missing required field `strike`")


def test_without_prints_the_flow_still_goes_out(world: World) -> None:
    """The dark pool is a bonus: its 5xx costs the prints and not the poll."""
    made = daemon()
    with world.golden_flow("AAPL"), world.provider.script.rule(Reply(500, "no"), path="/api/darkpool"):
        made.poll()

    assert (len(cache(world)["AAPL"]["flow"]) >= 6, cache(world)["AAPL"]["darkpool"]) == (True, [])


def test_a_hanging_provider_is_given_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The total deadline ends the poll."""
    monkeypatch.setenv("UW_DEADLINE_S", "0.3")
    made = daemon()
    began = time.monotonic()
    with world.provider.script.rule(Hang()):
        made.poll()

    assert time.monotonic() - began < 1.0 * patience()
    assert world.log("uw_daemon.jsonl")[-1]["event"] == "provider_unreachable"


def test_rows_of_a_hostile_ticker_do_not_become_metadata(world: World) -> None:
    """A ticker `_metadata` would replace the age of the cache; it is quarantined like any malformed row."""
    made = daemon()
    with world.provider.script.rule(Mangle(Put("data.0.ticker", "_metadata")), path="/api/option"):
        made.poll()

    assert cache(world)["_metadata"]["polls"] == 1
