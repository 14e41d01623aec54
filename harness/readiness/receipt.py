"""The receipt: proof that this very run could have said RED.

On a second, warm bench one real fault per stage of the signal's path is injected after another; each time the
verdict of that bench must turn RED and name that stage. A stage whose point does not apply to this bot is left out,
and said so.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from types import MappingProxyType

from harness.canary import send
from harness.canary.depth import depth_that_decides, depth_that_shows
from harness.catalogue import built
from harness.failure_point import FailurePoint, judge
from harness.lab.bench import Bench
from harness.lab.ports import Faults
from harness.readiness.judging import await_status, judge_all
from harness.verdict import colour_of, reasons
from harness.verdict.document import Receipt, ReceiptRow
from harness.verdict.rows import first_blocker, point_rows
from harness.vocabulary import Colour, Depth, Stage, Status

FAULT_OF_STAGE = MappingProxyType(
    {
        Stage.PROVIDER: "FP-1.5",
        Stage.CACHE: "FP-1.3",
        Stage.SCORE: "FP-2.1",
        Stage.GATE: "FP-3.1",
        Stage.GUARD: "FP-4.3",
        Stage.VENUE: "FP-4.2",
        Stage.LOOP: "FP-6.1",
    }
)
"""One failure point for each stage; the loop comes last, since its fault leaves the loop dead."""

HEALTHY_AGAIN_S = 5.0


def receipt(made: Bench, faults: Faults | None, say: Callable[[str], None] = lambda _: None) -> Receipt:
    """Inject one fault per stage into `made` and write down what the verdict became each time."""
    if faults is None:
        return Receipt(why_not="no faults were handed to this run")
    control = send(made, made.deployment.toml.canary.symbols[0], depth_that_decides(made))
    if not control.traded:
        # A bench that cannot trade says RED whatever is injected, and would prove nothing.
        return Receipt(why_not=f"the second bench did not trade before anything was injected: {control.reason}")
    rows: list[ReceiptRow] = []
    left_out: list[str] = []
    for stage, point_id in FAULT_OF_STAGE.items():
        point = built()[point_id]
        if not judge(point, made.observe()).applies or not _depth_exists(point, made):
            left_out.append(f"{stage} (not applicable to this bot)")
            continue
        say(f"receipt: {stage}")
        rows.append(_row(made, point, faults, nth=len(rows)))
    missed = [_missed(row) for row in rows if not row.held]
    why_not = "; ".join(missed) or ("" if rows else "no stage of it applies to this bot")
    return Receipt(rows=tuple(rows), complete=bool(rows) and not missed, why_not=why_not or ", ".join(left_out))


def _missed(row: ReceiptRow) -> str:
    if not row.colour:
        return f"{row.stage}: {row.named}"
    return f"{row.stage}: said {row.colour}, named {row.named_stage or 'no stage'}"


def _depth_exists(point: FailurePoint, made: Bench) -> bool:
    watched = any(table.trades for table in made.deployment.toml.services.values())
    return watched or depth_that_shows(point, made) is not Depth.PROCESS


def _row(made: Bench, point: FailurePoint, faults: Faults, nth: int) -> ReceiptRow:
    """One fault: inject, judge, send a canary, give the verdict, lift, and wait until the bench is well again."""
    started_s = time.monotonic()
    symbols = made.deployment.toml.canary.symbols
    try:
        with faults(point.name, made):
            await_status(made, point, Status.ERROR)
            judged = judge_all(made)
            canary = send(made, symbols[-1 - nth % len(symbols)], depth_that_shows(point, made))
    except Exception as error:  # noqa: BLE001 - whatever kept a fault from being injected, it has proven nothing
        return _told(point, "", f"not injected: {error}", "", time.monotonic() - started_s)
    took_s = time.monotonic() - started_s
    await_status(made, point, Status.OK, HEALTHY_AGAIN_S)
    blocker = first_blocker(point_rows(judged, {}), [canary])
    colour = colour_of(reasons(judged, [canary], made.deployment.desks, None, ()))
    named = built()[blocker.point] if blocker is not None and blocker.point in built() else None
    named_stage = str(named.sheet.stage) if named else ""
    return _told(point, colour, blocker.title if blocker else "", named_stage, took_s)


def _told(point: FailurePoint, colour: str, named: str, named_stage: str, took_s: float) -> ReceiptRow:
    return ReceiptRow(
        stage=point.sheet.stage,
        fault=f"{point.sheet.id} {point.sheet.title}",
        colour=colour,
        named_stage=named_stage,
        named=named,
        held=colour == Colour.RED and named_stage == point.sheet.stage,
        duration_s=took_s,
    )
