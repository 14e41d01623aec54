"""What each point must say of which snapshot: the recorded ones, and recorded ones with one fact moved to an edge."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from harness.observe.snapshot import Snapshot, Source
from harness.vocabulary import Seen, Unseen
from harness.vocabulary.roles import File, Limit, Service
from tests.judges.case import (
    ERROR,
    HIDDEN,
    OK,
    UNKNOWN,
    Case,
    case,
    with_answer,
    with_file,
    with_service,
    without,
)
from tests.judges.cases_of_limits import EDGES_OF_LIMITS
from tests.judges.cases_of_processes import EDGES_OF_PROCESSES
from tests.judges.cases_of_state import EDGES_OF_STATE
from tests.judges.recorded import EXPECTED, Recorded


def cases(point_id: str, recorded: Recorded) -> list[Case]:
    """Every case of the point: all recorded snapshots, and its own edges."""
    rows = [Case(name="healthy", snapshot=recorded.healthy, status=OK)]
    rows += [
        Case(name=f"fault of {fault}", snapshot=snapshot, status=EXPECTED[fault].get(point_id, OK))
        for fault, snapshot in recorded.faulty.items()
    ]
    return rows + EDGES[point_id](recorded.healthy)


def _daemon(well: Snapshot) -> list[Case]:
    def beaten(age_s: float | None, **facts: Any) -> Snapshot:
        at_s = None if age_s is None else well.now_s - age_s
        return with_service(well, Service.FLOW_DAEMON, heartbeat_at_s=at_s, **facts)

    limit_s = well.limits[Limit.HEARTBEAT_AGE_S]
    return [
        case("heartbeat at its limit", beaten(limit_s), OK, heartbeat_age_s=limit_s, heartbeat_age_s_max=limit_s),
        case("heartbeat past its limit", beaten(limit_s + 1.0), ERROR, says="heartbeat is 61 s old; 60 s is"),
        case("never beaten", beaten(None), ERROR, says="never beaten", heartbeat_age_s=None),
        case("stopped", beaten(1.0, stopped=True), ERROR, says="is stopped"),
        case("a zombie", beaten(1.0, alive=False, state="running"), ERROR, says="its service manager says running"),
    ]


def _cache_file(well: Snapshot) -> list[Case]:
    one = with_file(well, File.FLOW_CACHE, size_bytes=1)
    empty = with_file(well, File.FLOW_CACHE, size_bytes=0)
    gone = with_file(well, File.FLOW_CACHE, exists=False, size_bytes=0)
    return [
        case("one byte", one, OK, size_bytes=1, size_bytes_min=1),
        case("no byte", empty, ERROR, says="is empty", size_bytes=0),
        case("no file", gone, ERROR, says="does not exist", exists=False),
    ]


def _cache_age(well: Snapshot) -> list[Case]:
    def aged(age_s: float | None, fault: str = "") -> Snapshot:
        at_s = None if age_s is None else well.now_s - age_s
        return with_file(well, File.FLOW_CACHE, updated_at_s=at_s, fault=fault)

    limit_s = well.limits[Limit.FLOW_CACHE_AGE_S]
    return [
        case("at the limit", aged(limit_s), OK, age_s=limit_s, age_s_max=limit_s),
        case("past the limit", aged(limit_s + 1.0), ERROR, says="601 s old; 600 s is the limit"),
        case("ahead by the limit", aged(-limit_s), OK),
        case("from the future", aged(-limit_s - 1.0), ERROR, says="601 s in the future"),
        case("no time", aged(None), UNKNOWN, says="no readable time of update"),
        case("not JSON", aged(None, "not JSON"), UNKNOWN, says="(not JSON)"),
    ]


def _cache_symbols(well: Snapshot) -> list[Case]:
    def holding(entries: int | None, **facts: Any) -> Snapshot:
        return with_file(well, File.FLOW_CACHE, entries=entries, **facts)

    return [
        case("one symbol", holding(1), OK, symbols=1, symbols_min=1),
        case("no symbol", holding(0), ERROR, says="has no symbols", symbols=0),
        case("empty file", holding(None, size_bytes=0), ERROR, says="no content to hold symbols"),
        case("no file", holding(None, exists=False), ERROR, says="no content to hold symbols"),
        case("no table", holding(None), UNKNOWN, says="cannot be counted"),
        case("not JSON", holding(None, fault="not JSON"), UNKNOWN, says="cannot be counted: not JSON"),
    ]


def _provider(well: Snapshot) -> list[Case]:
    def logged(snapshot: Snapshot, *statuses: int) -> Snapshot:
        return with_service(snapshot, Service.FLOW_DAEMON, logged_statuses=statuses)

    none = with_answer(well, "provider", status=None, error="ReadTimeout: timed out")
    hidden = replace(well, services=Source({**well.services.facts, Service.FLOW_DAEMON: HIDDEN}))
    refused = "the provider answers 403 Plan"
    return [
        case("403", with_answer(well, "provider", status=403, message="Plan"), ERROR, says=refused, status=403),
        case("429", with_answer(well, "provider", status=429), OK, status=429),
        case("no answer", none, UNKNOWN, says="no answer to judge the key by (ReadTimeout"),
        case("401 in the log", logged(well, 200, 401), ERROR, says="last logged answer", logged_status=401),
        case("403 in the log", logged(none, 200, 403), ERROR, says="last logged answer", logged_status=403),
        case("401 long ago", logged(well, 401, 200), OK, logged_status=200),
        case("empty log", logged(well), OK, logged_status=None),
        case("daemon not seen", hidden, OK, logged_status=None),
        case("no daemon", without(well, Service.FLOW_DAEMON), OK, logged_status=None),
    ]


def _weights(well: Snapshot) -> list[Case]:
    def banded(entries: int | None, **facts: Any) -> Snapshot:
        return with_file(well, File.SIGNAL_WEIGHTS, entries=entries, **facts)

    return [
        case("all bands", banded(21), OK, bands=21, bands_min=21, bands_max=21),
        case("one too few", banded(20), ERROR, says="has 20 bands; 21 are needed", bands=20),
        case("one too many", banded(22), ERROR, says="has 22 bands; 21 are needed", bands=22),
        case("no file", banded(None, exists=False), ERROR, says="does not exist", bands=0),
        case("no bands", banded(None), ERROR, says="holds no bands: wrong structure"),
        case("not JSON", banded(None, fault="not JSON"), ERROR, says="holds no bands: not JSON", fault="not JSON"),
    ]


def _freezes(well: Snapshot) -> list[Case]:
    now_s = well.now_s

    def frozen(content: Any, **facts: Any) -> Snapshot:
        return with_file(well, File.FREEZES, content=content, **facts)

    def one(**row: Any) -> Snapshot:
        return frozen({"freezes": {"a": {"active": True, **row}}})

    two = {"a": {"active": True, "until": now_s + 10, "reason": "x"}, "b": {"active": True, "until": now_s + 20}}
    flag = with_file(well, File.FREEZE_FLAG, exists=True)
    ended = {"active": ("a", "b"), "reason": "x", "until_s": now_s + 20}
    only_flag, no_flag = without(flag, File.FREEZES), without(well, File.FREEZE_FLAG)
    return [
        case("over just now", one(until=now_s), OK, active=(), until_s=None),
        case("over in a second", one(until=now_s + 1), ERROR, says="until 20", until_s=now_s + 1),
        case("no end", one(reason="drawdown"), ERROR, says="no end recorded", until_s=None, reason="drawdown"),
        case("two ends", frozen({"freezes": two}), ERROR, says="frozen by a, b", **ended),
        case("not active", frozen({"freezes": {"a": {"active": False}}}), OK, active=()),
        case("a table without a head", frozen({"a": {"active": True}}), ERROR, active=("a",)),
        case("odd rows", frozen({"freezes": {"a": 1, "b": {"active": 1}}}), OK, active=()),
        case("no table", frozen([1]), UNKNOWN, says="holds no table of freezes"),
        case("no inner table", frozen({"freezes": 1}), UNKNOWN, says="holds no table of freezes"),
        case("not JSON", frozen(None, fault="cut short"), UNKNOWN, says="(cut short)"),
        case("no file", frozen(None, exists=False), OK, active=()),
        case("flag", flag, ERROR, says="frozen by pre-market flag", active=("pre-market flag",), until_s=None),
        case("flag beside an end", with_file(one(until=now_s + 9), File.FREEZE_FLAG, exists=True), ERROR, until_s=None),
        case("no flag role", no_flag, OK),
        case("only the flag", only_flag, ERROR, active=("pre-market flag",)),
        case("neither role", without(no_flag, File.FREEZES), UNKNOWN, says="not applicable"),
    ]


def _positions(well: Snapshot) -> list[Case]:
    assert well.venue is not None
    venue = well.venue

    def held(recorded: int | None, at_venue: int | None) -> Snapshot:
        rows: Mapping[str, Decimal] = {f"S{n}": Decimal(1) for n in range(at_venue or 0)}
        fact: Seen[Mapping[str, Decimal]] | Unseen = HIDDEN if at_venue is None else Seen(rows, well.now_s)
        return replace(with_file(well, File.POSITIONS, entries=recorded), venue=replace(venue, positions=fact))

    unread = replace(held(3, 16), files=Source({**well.files.facts, File.POSITIONS: HIDDEN}))
    return [
        case("one below", held(15, 15), OK, recorded=15, at_venue=15, positions_max=16),
        case("recorded", held(16, 3), ERROR, says="16 positions are open; 16 is the limit", recorded=16, at_venue=3),
        case("at the venue", held(3, 16), ERROR, recorded=3, at_venue=16),
        case("only recorded", held(16, None), ERROR, recorded=16, at_venue=None),
        case("only at the venue", held(None, 16), ERROR, recorded=None, at_venue=16),
        case("record unread", unread, ERROR, recorded=None, at_venue=16),
        case("no record role", without(held(3, 16), File.POSITIONS), ERROR, recorded=None),
        case("neither", held(None, None), UNKNOWN, says="hidden by this case"),
        case("no venue", replace(held(16, 0), venue=None), ERROR, recorded=16, at_venue=None),
    ]


def _reach(well: Snapshot) -> list[Case]:
    limit_s = well.limits[Limit.VENUE_LATENCY_S]
    slow = with_answer(well, "venue", latency_s=limit_s + 0.5)
    return [
        case(
            "at the limit", with_answer(well, "venue", latency_s=limit_s), OK, latency_s=limit_s, latency_s_max=limit_s
        ),
        case("too slow", slow, ERROR, says="took 2.50 s to answer; 2 s is the limit"),
        case("500", with_answer(well, "venue", status=500), ERROR, says="the venue answers 500"),
        case("499", with_answer(well, "venue", status=499), OK, status=499),
        case("504", with_answer(well, "venue", status=504), ERROR, says="the venue answers 504"),
    ]


def _key(well: Snapshot) -> list[Case]:
    return [
        case("403", with_answer(well, "venue", status=403), ERROR, says="the venue answers 403", status=403),
        case("404", with_answer(well, "venue", status=404), OK, status=404),
        case("no answer", with_answer(well, "venue", status=None, error="reset"), UNKNOWN, says="(reset)"),
    ]


def _money(well: Snapshot) -> list[Case]:
    assert well.venue is not None
    venue = well.venue

    def left(usd: str) -> Snapshot:
        account = replace(venue.account.value, buying_power_usd=Decimal(usd))
        return replace(well, venue=replace(venue, account=Seen(account, well.now_s)))

    short = "buying power is 99.99 USD; the smallest order needs 100.00 USD"
    return [
        case("just enough", left("100"), OK, buying_power_usd=100.0, buying_power_usd_min=100.0),
        case("a cent short", left("99.99"), ERROR, says=short),
        case("account not read", replace(well, venue=replace(venue, account=HIDDEN)), UNKNOWN),
    ]


EDGES: Mapping[str, Callable[[Snapshot], list[Case]]] = {
    "FP-1.1": _daemon,
    "FP-1.2": _cache_file,
    "FP-1.3": _cache_age,
    "FP-1.4": _cache_symbols,
    "FP-1.5": _provider,
    "FP-2.1": _weights,
    "FP-3.1": _freezes,
    "FP-3.2": _positions,
    "FP-4.1": _reach,
    "FP-4.2": _key,
    "FP-4.3": _money,
    **EDGES_OF_LIMITS,
    **EDGES_OF_PROCESSES,
    **EDGES_OF_STATE,
}
