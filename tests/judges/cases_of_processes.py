"""The edges of the points about processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from harness.observe.snapshot import Snapshot
from harness.vocabulary.roles import Limit, Service
from tests.judges.case import ERROR, OK, UNKNOWN, Case, case, with_service


def _loop(well: Snapshot) -> list[Case]:
    def ended(status: int | None) -> Snapshot:
        return with_service(well, Service.TRADING_LOOP, alive=False, state="failed", exit_status=status)

    return [
        case("ended with 1", ended(1), ERROR, says="says failed, exit status 1)", exit_status=1, alive=False),
        case("ended somehow", ended(None), ERROR, says="says failed)", exit_status=None),
        case("ended with 0", ended(0), ERROR, says="exit status 0)"),
    ]


def _progress(well: Snapshot) -> list[Case]:
    def cycled(age_s: float | None, **facts: Any) -> Snapshot:
        at_s = None if age_s is None else well.now_s - age_s
        return with_service(well, Service.TRADING_LOOP, cycled_at_s=at_s, **facts)

    limit_s, past_s = well.limits[Limit.NO_CYCLE_S], well.limits[Limit.NO_CYCLE_S] + 1.0
    beaten = {"heartbeat_at_s": well.now_s - past_s}
    long_ago = "stuck: its last completed cycle is 301 s old; 300 s is the limit"
    return [
        case("at the limit", cycled(limit_s), OK, cycle_age_s=limit_s, cycle_age_s_max=limit_s),
        case("past the limit", cycled(past_s), ERROR, says=long_ago, cycle_age_s=past_s),
        case("beating on beside it", cycled(past_s, heartbeat_at_s=well.now_s), ERROR, says=long_ago),
        case("an old beat, a fresh cycle", cycled(1.0, **beaten), OK, counted_from="last completed cycle"),
        case("in its first cycle", cycled(None, heartbeat_at_s=well.now_s - limit_s), OK, cycle_age_s=limit_s),
        case("stuck in its first cycle", cycled(None, **beaten), ERROR, says="stuck: its last heartbeat is 301 s"),
        case("stopped", cycled(1.0, stopped=True), ERROR, says="is stopped; its last completed cycle is 1 s old"),
        case("dead long ago", cycled(past_s, alive=False, **beaten), OK, says="no trading loop lives"),
        case("no beat to read", cycled(None, heartbeat_at_s=None), UNKNOWN, says="no heartbeat that can be read"),
        case("no heartbeat named", cycled(1.0, beats=False), UNKNOWN, says="not applicable"),
    ]


def _keeper(well: Snapshot) -> list[Case]:
    def beaten(age_s: float | None, **facts: Any) -> Snapshot:
        at_s = None if age_s is None else well.now_s - age_s
        return with_service(well, Service.HEARTBEAT_KEEPER, heartbeat_at_s=at_s, **facts)

    limit_s = well.limits[Limit.HEARTBEAT_AGE_S]
    old = "health report is 61 s old; 60 s is the limit"
    return [
        case("report at its limit", beaten(limit_s), OK, report_age_s=limit_s, report_age_s_max=limit_s),
        case("report past its limit", beaten(limit_s + 1.0), ERROR, says=old, report_age_s=limit_s + 1.0),
        case("never written", beaten(None), ERROR, says="has never written", report_age_s=None),
        case("writes none", beaten(None, beats=False), OK, says="lives", report_age_s=None),
        case("stopped", beaten(1.0, stopped=True), ERROR, says="is stopped", stopped=True),
        case("dead", beaten(1.0, alive=False, state="failed"), ERROR, says="its service manager says failed"),
    ]


EDGES_OF_PROCESSES: Mapping[str, Callable[[Snapshot], list[Case]]] = {
    "FP-6.1": _loop,
    "FP-6.3": _progress,
    "FP-6.12": _keeper,
}
