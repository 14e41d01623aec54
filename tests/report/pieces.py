"""The pieces of which the example documents are made: gates, lineage, orders, canaries, points, a receipt."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from harness.verdict.document import (
    DrillRow,
    PointRow,
    Proof,
    Receipt,
    ReceiptRow,
)
from harness.vocabulary import (
    CanaryResult,
    Depth,
    Desk,
    Gate,
    GateVerdict,
    LedgerOrder,
    Lineage,
    LineageStep,
    LostSignal,
    Outcome,
    Side,
    Stage,
    Swallowed,
    Trace,
)

CREATED_AT_S = 1_772_634_005.0
LAB_TIME_S = 1_772_636_400.0
DECIDE = "bot/equities/decide.py"
COMMIT = "4f9c2e1ab0d37c55e8a1f60b9d2c7e4410aa93be"
PLAYBOOK = (
    "Read the daemon's log: is the API answering 401 or 429?",
    "Restart the flow daemon and watch the cache age fall.",
    "Still stale after two restarts: stop the bot and call its owner.",
)


def gate(label: str, stage: Stage | None, line: int, **more: Any) -> Gate:
    """A gate of the decide function; passed where `more` does not say otherwise."""
    of = {
        "label": label,
        "function": "bot.equities.decide:decide_and_execute",
        "file": DECIDE,
        "line": line,
        "condition": f"not {label}",
        "verdict": GateVerdict.PASSED,
        "signal": "AAPL",
        "stage": stage,
    }
    return Gate(**{**of, **more})


def passed_gates() -> tuple[Gate, ...]:
    """The gates of a signal that trades, in their order."""
    return (
        gate("cache_fresh", Stage.CACHE, 31, value="4.2", limit="120.0", needs="age_s <= 120.0", signal=""),
        gate("cluster_size", Stage.CLUSTER, 44, value="5", limit="3", needs="len(prints) >= 3"),
        gate("price_known", Stage.ENRICHMENT, 61, value="212.4", limit="0", needs="price > 0"),
        gate("score_below_threshold", Stage.SCORE, 88, value="3.82", limit="3.00", needs="score >= 3.00"),
        gate("freeze_active", Stage.GATE, 97, value="[]", condition="freezes"),
        gate("max_positions", Stage.GATE, 104, value="3", limit="16", needs="len(positions) < 16"),
        gate("already_held", Stage.GATE, 110, value="'AAPL'", limit="{'MSFT', 'NVDA', 'TSLA'}"),
        gate("trade_guard", Stage.GUARD, 131, value="2124.0", limit="5000.0", needs="notional <= 5000.0"),
    )


def lineage(*, cut: bool = False) -> tuple[Lineage, ...]:
    """How score and quantity came to be; `cut` has the adjuster that turns 2.70 into 0.17."""
    score = [
        LineageStep(value="2.70", expression="base_score(cluster)", function="score", file=DECIDE, line=71),
        LineageStep(value="3.51", expression="score * weights.flow", function="score", file=DECIDE, line=76),
        LineageStep(value="3.82", expression="score + regime_bonus", function="score", file=DECIDE, line=80),
    ]
    if cut:
        score[1:] = [
            LineageStep(
                value="0.17", expression="score * adaptive['dark_pool']", function="score", file=DECIDE, line=76
            ),
        ]
    quantity = [
        LineageStep(value="23", expression="int(budget / price)", function="size", file=DECIDE, line=118),
        LineageStep(value="10", expression="min(quantity, 10)", function="size", file=DECIDE, line=121),
    ]
    return (
        Lineage(name="score", steps=tuple(score)),
        *(() if cut else (Lineage(name="quantity", steps=tuple(quantity)),)),
    )


def order(**more: Any) -> LedgerOrder:
    """The one order of a canary that traded."""
    of: dict[str, Any] = {
        "order_id": "61e69015-8549-4bfd-b9c3-01e75843f47d",
        "client_order_id": "aapl-20260304-150012-7f3a",
        "symbol": "AAPL",
        "side": Side.BUY,
        "quantity": Decimal("10"),
        "filled_quantity": Decimal("10"),
        "kind": "limit",
        "status": "filled",
        "limit_price": Decimal("212.40"),
        "submitted_at_s": LAB_TIME_S + 4.2,
    }
    return LedgerOrder(**{**of, **more})


def traded(depth: Depth = Depth.CYCLE, **more: Any) -> CanaryResult:
    """A canary that became exactly one order."""
    of: dict[str, Any] = {
        "desk": Desk.EQUITIES,
        "depth": depth,
        "symbol": "AAPL",
        "side": Side.BUY,
        "traded": True,
        "reason": "exactly one order stands at the venue: buy 10 AAPL limit at 212.40, filled",
        "orders": (order(),),
        "trace": Trace(outcome=Outcome.RETURNED, gates=passed_gates(), lineage=lineage(), duration_s=0.0021),
        "stage": None,
        "blocker": None,
        "started_at_s": LAB_TIME_S + 4.0,
        "duration_s": 0.148,
    }
    return CanaryResult(**{**of, **more})


def blocked_by_score() -> CanaryResult:
    """A canary that a silent adjuster took below its threshold."""
    stop = gate(
        "score_below_threshold",
        Stage.SCORE,
        88,
        condition="score < settings.score_min",
        verdict=GateVerdict.BLOCKED,
        value="0.17",
        limit="3.00",
        needs="score >= 3.00",
        exit="continue",
        failure_point="FP-3.4",
        why="adaptive weight 'dark_pool' is 0.06, learned from 2 trades (state/weights.json)",
        operands=(("score", "0.17"), ("settings.score_min", "3.00")),
    )
    return traded(
        traded=False,
        reason="no order stands at the venue: stopped by score_below_threshold (0.17 against 3.00)"
        " at bot/equities/decide.py:88; passes with score >= 3.00",
        orders=(),
        stage=Stage.SCORE,
        blocker=stop,
        trace=Trace(
            outcome=Outcome.RETURNED,
            gates=(
                *passed_gates()[:3],
                gate("spread_known", Stage.ENRICHMENT, 64, verdict=GateVerdict.FAILED_OPEN, value="None", limit="0.5"),
                stop,
                gate("score_below_threshold", Stage.SCORE, 88, signal="MSFT", value="3.40", limit="3.00"),
            ),
            lineage=lineage(cut=True),
            swallowed=(
                Swallowed(
                    kind="HTTPError",
                    message="401 Client Error: Unauthorized for url: /v2/account",
                    raised_at="bot/clients/alpaca.py:88",
                    handled_at="bot/equities/enrichment.py:52",
                ),
            ),
            lost=(LostSignal(signal="NVDA", file=DECIDE, line=140, how="cut by the slice ranked[:n]"),),
            notes=("import wanted to start the thread 'heartbeat'; it was held back",),
        ),
    )


def point(number: str, title: str, status: str = "OK", **more: Any) -> PointRow:
    """A row of the table; OK and quiet where `more` does not say otherwise."""
    of: dict[str, Any] = {
        "id": f"FP-{number}",
        "name": f"data/{title.lower().replace(' ', '_')}",
        "title": title,
        "desk": "equities",
        "severity": "critical",
        "cause": "data",
        "blocks": "all",
        "stage": "cache",
        "impact": "No fresh flow, so no clusters, so no orders.",
        "status": status,
        "summary": "the newest flow is 4.2 s old",
        "evidence": {"age_s": 4.2, "age_s_max": 120.0},
        "heal": "restart services.flow_daemon",
        "playbook": PLAYBOOK,
        "observed_at_s": LAB_TIME_S + 6.0,
        "proof": Proof(passed_at_s=CREATED_AT_S - 7200, commit=COMMIT),
    }
    return PointRow(**{**of, **more})


def drill(number: str, *consequences: str, heal_s: float | None = 0.38) -> DrillRow:
    """What a point's own tests measured two hours ago; `consequences` were not OK beside it."""
    not_ok = tuple(f"FP-{one}" for one in (number, *consequences))
    return DrillRow(point=f"FP-{number}", detect_s=0.021, heal_s=heal_s, first_order_s=1.52, not_ok=not_ok,
                    at_s=CREATED_AT_S - 7200, commit=COMMIT)  # fmt: skip


def receipt() -> Receipt:
    """A complete receipt: one fault per stage, each named."""
    stages = ("provider", "cache", "score", "gate", "guard", "venue", "loop")
    faults = ("provider answers 401", "daemon cannot write", "weights at zero", "freeze file", "guard at limit",
              "venue resets", "loop stopped")  # fmt: skip
    return Receipt(
        rows=tuple(
            ReceiptRow(
                stage=stage,
                fault=fault,
                colour="RED",
                named_stage=stage,
                named=f"stopped at {stage}",
                held=True,
                duration_s=0.6 + number * 0.11,
            )
            for number, (stage, fault) in enumerate(zip(stages, faults, strict=True))
        ),
        complete=True,
    )
