"""The things that every failure point promises, each asked of a bench with the fault in it.

`fp_tests/` asks them too, one test each. A status is awaited, not slept for: what a bot writes at the lab's pace
shows within cycles, and what needs the clock to move is moved on.
"""

from __future__ import annotations

from harness.canary import send
from harness.canary.depth import depth_that_shows
from harness.catalogue import built
from harness.failure_point import FailurePoint, judge
from harness.healing import Budgets, Healer, Healing, Journal
from harness.lab.bench import Bench
from harness.readiness.judging import SEEN_WITHIN_S, judge_all
from harness.vocabulary import Blocks, CanaryResult, Cause, Depth, Status

CYCLES_WITHHELD = 3


def not_ok(bench: Bench) -> set[str]:
    """The ids of all points that are not OK on a fresh look."""
    return {row.id for row in judge_all(bench) if row.applies and row.status is not Status.OK}


def consequences(one: FailurePoint) -> set[str]:
    """The ids of all built points that declare `one` above them, directly or through another."""
    found: set[str] = set()
    while True:
        above = {one.sheet.id, *found}
        more = {row.sheet.id for row in built().values() if above & set(row.sheet.downstream_of)}
        if more <= found:
            return found
        found |= more


def golden(bench: Bench, point: FailurePoint, nth: int = 0) -> CanaryResult:
    """A golden signal that is published now, at the depth that shows this point."""
    symbols = bench.deployment.toml.canary.symbols
    return send(bench, symbols[nth % len(symbols)], depth_that_shows(point, bench))


def watched(bench: Bench, point: FailurePoint) -> CanaryResult | None:
    """For a process point whose golden signal went into a fork: the same signal before the running processes, since
    a fork is no evidence about them. None where nothing more is to be asked."""
    trades = any(table.trades for table in bench.deployment.toml.services.values())
    if point.sheet.cause is not Cause.PROCESS or not trades or depth_that_shows(point, bench) is Depth.PROCESS:
        return None
    return send(bench, bench.deployment.toml.canary.symbols[0], Depth.PROCESS)


def blocked_as_declared(point: FailurePoint, canary: CanaryResult) -> bool:
    """Whether the canary stopped where the sheet says, or traded where the sheet says that it does."""
    if point.sheet.blocks is Blocks.NONE:
        return canary.traded
    return not canary.traded and canary.stage is point.sheet.stage


def withhold(bench: Bench, point: FailurePoint) -> Status:
    """The control of a remedy: nobody heals. Some cycles pass, then the clock passes the point's time to recover;
    the point's word after that."""
    pace = bench.deployment.toml.pace
    cycles_s = CYCLES_WITHHELD * max(pace.intervals.values(), default=0.0) / pace.factor
    bench.wait(lambda: judge(point, bench.observe()).status is Status.OK, cycles_s)
    bench.clock.advance(point.sheet.recovers_within_s + 1.0)
    return judge(point, bench.observe()).status


def healer(bench: Bench, budgets: Budgets | None = None) -> Healer:
    """The healing controller of this bench; its journal lies in the bench's folder."""
    return Healer(
        bench.deployment,
        ports=bench.access().services,
        observe=bench.observe,
        settled=lambda ok, within_s: bench.wait(ok, min(within_s, SEEN_WITHIN_S)),
        journal=Journal(bench.folder / "healing.jsonl"),
        budgets=budgets or Budgets(),  # every drill is a first time; what was drilled before counts for nothing
    )


def heal(bench: Bench, point: FailurePoint) -> Healing:
    """What the controller does about `point` on a fresh look."""
    snapshot = bench.observe()
    return healer(bench).heal(judge(point, snapshot), snapshot)
