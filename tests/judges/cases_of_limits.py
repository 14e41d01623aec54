"""The edges of points whose judges count: the provider's rate limit, cooldowns, the raised threshold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from harness.observe.snapshot import Snapshot, Source
from harness.vocabulary.roles import File, Limit, Service
from tests.judges.case import (
    ERROR,
    HIDDEN,
    OK,
    UNKNOWN,
    WARN,
    Case,
    case,
    with_answer,
    with_file,
    with_service,
    without,
)


def _rate(well: Snapshot) -> list[Case]:
    def logged(snapshot: Snapshot, *statuses: int) -> Snapshot:
        return with_service(snapshot, Service.FLOW_DAEMON, logged_statuses=statuses)

    def left(minute: tuple[str, str], day: tuple[str, str] = ("1", "100")) -> Snapshot:
        names = ("x-uw-minute-req-counter", "x-uw-req-per-minute-remaining")
        of_day = ("x-uw-daily-req-count", "x-uw-token-req-limit")
        headers = {**dict(zip(names, minute, strict=True)), **dict(zip(of_day, day, strict=True))}
        return with_answer(well, "provider", headers=headers)

    none = with_answer(well, "provider", status=None, error="ReadTimeout: timed out")
    hidden = replace(well, services=Source({**well.services.facts, Service.FLOW_DAEMON: HIDDEN}))
    refused, told = "the provider answers 429 Slow", "last logged answer from the provider is 429"
    unread: dict[str, Any] = {"minute_left_share": None, "day_left_share": None}
    return [
        case("429", with_answer(well, "provider", status=429, message="Slow"), ERROR, says=refused, status=429),
        case("401", with_answer(well, "provider", status=401), OK, status=401),
        case("no answer", none, UNKNOWN, says="no answer to judge its rate limit by (ReadTimeout"),
        case("429 in the log", logged(well, 200, 429), ERROR, says=told, logged_status=429),
        case("429 in the log, no answer", logged(none, 200, 429), ERROR, says=told),
        case("429 long ago", logged(well, 429, 200), OK, logged_status=200),
        case("empty log", logged(well), OK, logged_status=None),
        case("daemon not seen", hidden, OK, logged_status=None),
        case("no daemon", without(well, Service.FLOW_DAEMON), OK, logged_status=None),
        case("minute at the least", left(("95", "5")), OK, minute_left_share=0.05, left_share_min=0.05),
        case("minute below it", left(("96", "4")), WARN, says="4.0% of the minute's requests are left; 5% is"),
        case("minute of one", left(("0", "1")), OK, minute_left_share=1.0),
        case("day at the least", left(("1", "9"), ("95", "100")), OK, minute_left_share=0.9, day_left_share=0.05),
        case("day below it", left(("1", "9"), ("96", "100")), WARN, says="4.0% of the day's", day_left_share=0.04),
        case("day overdrawn", left(("1", "9"), ("7", "5")), WARN, day_left_share=0.0),
        case("no limit", left(("0", "0"), ("0", "0")), OK, **unread),
        case("no counts", left(("", "4"), ("96", "")), OK, **unread),
        case("odd counts", left(("96", "4.0"), ("n/a", "100")), OK, **unread),
        case("no headers", with_answer(well, "provider", headers={}), OK, **unread),
    ]


def _cooldowns(well: Snapshot) -> list[Case]:
    now_s, lasts_s = well.now_s, well.limits[Limit.SYMBOL_COOLDOWN_S]

    def recorded(content: Any, **facts: Any) -> Snapshot:
        return with_file(well, File.COOLDOWNS, content=content, **facts)

    def traded(**ago_s: float) -> Snapshot:
        return recorded({"schema": 1, "cooldowns": {symbol: now_s - ago for symbol, ago in ago_s.items()}})

    none: dict[str, Any] = {"running": (), "ahead": (), "free_at_s": None, "ahead_s": 0.0}
    two: dict[str, Any] = {"running": ("A", "B"), "free_at_s": now_s + lasts_s - 60.0, "cooldown_s": 900.0}
    both: dict[str, Any] = {"running": ("B",), "ahead": ("A", "C"), "ahead_s": 70.0, "free_at_s": now_s + 970.0}
    said = "the cooldown of A, C is stamped 70 s in the future"
    odd = {"A": "soon", "B": None, "C": True, "D": [now_s + 9e3], "E": now_s}
    return [
        case("over just now", traded(A=lasts_s), OK, says="0 symbols rest", **none),
        case("a second left", traded(A=lasts_s - 1.0), OK, says="1 symbols rest", running=("A",), ahead=()),
        case("two", traded(B=700.0, A=60.0), OK, says="2 symbols rest", **two),
        case("clocks differ", traded(A=-5.0), OK, running=("A",), ahead=(), ahead_s_max=5.0),
        case("clocks differ too much", traded(A=-6.0), ERROR, says="A is stamped 6 s in the future", ahead=("A",)),
        case("two ahead", traded(A=-70.0, B=60.0, C=-50.0), ERROR, says=said, **both),
        case("in milliseconds", recorded({"cooldowns": {"A": (now_s - 1.0) * 1000.0}}), OK, running=("A",)),
        case("a table without a head", recorded({"A": now_s + 60.0}), ERROR, ahead=("A",)),
        case("odd stamps", recorded({"cooldowns": odd}), OK, running=("E",)),
        case("no table", recorded([1]), UNKNOWN, says="holds no table of cooldowns"),
        case("no inner table", recorded({"cooldowns": 1}), UNKNOWN, says="holds no table of cooldowns"),
        case("not JSON", recorded(None, fault="cut short"), UNKNOWN, says="(cut short)"),
        case("no file", recorded(None, exists=False), OK, **none),
    ]


def _threshold(well: Snapshot) -> list[Case]:
    now_s, lasts_s = well.now_s, well.limits[Limit.RAISED_THRESHOLD_S]

    def recorded(content: Any, **facts: Any) -> Snapshot:
        return with_file(well, File.RAISED_THRESHOLD, content=content, **facts)

    def raised(ago_s: float, losses: Any = 3) -> Snapshot:
        return recorded({"consecutive_losses": losses, "raised_at": now_s - ago_s})

    usual: dict[str, Any] = {"threshold": 3.0, "threshold_max": 3.0, "age_s_max": 86_400.0}
    none: dict[str, Any] = {**usual, "losses_in_a_row": None, "raised_at_s": None, "age_s": None, "ends_at_s": None}
    over: dict[str, Any] = {**usual, "losses_in_a_row": 3, "age_s": lasts_s, "ends_at_s": now_s}
    last: dict[str, Any] = {"threshold": 3.5, "threshold_max": 3.0, "ends_at_s": now_s + 1.0, "losses_in_a_row": 3}
    ago, ahead = "needs a score of 3.5, not 3: raised 86399 s ago, until 20", "raised 60 s in the future"
    now = "raised 0 s ago"
    soon = recorded({"raised_at": "soon"})
    return [
        case("over just now", raised(lasts_s), OK, says="the usual score of 3", **over),
        case("a second left", raised(lasts_s - 1.0), ERROR, says=ago, **last),
        case("just raised", raised(0.0), ERROR, says=now, age_s=0.0),
        case("in the future", raised(-60.0), ERROR, says=ahead, age_s=-60.0, threshold=3.5),
        case("odd losses", raised(60.0, "three"), ERROR, losses_in_a_row=None),
        case("in milliseconds", recorded({"raised_at": 1000.0 * (now_s - lasts_s - 1.0)}), OK, losses_in_a_row=None),
        case("losses alone", recorded({"consecutive_losses": 2, "raised_at": None}), OK, losses_in_a_row=2, **usual),
        case("nothing recorded", recorded({}), OK, **none),
        case("no time", soon, UNKNOWN, says="raised at 'soon', which is no time"),
        case("no table", recorded([1]), UNKNOWN, says="holds no record of a raise"),
        case("not JSON", recorded(None, fault="cut short"), UNKNOWN, says="(cut short)"),
        case("no file", recorded(None, exists=False), OK, **none),
    ]


EDGES_OF_LIMITS: Mapping[str, Callable[[Snapshot], list[Case]]] = {
    "FP-1.6": _rate,
    "FP-3.7": _cooldowns,
    "FP-3.8": _threshold,
}
