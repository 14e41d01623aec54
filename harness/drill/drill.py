"""One drill from injection to recovery, with its times. All four steps must hold as the failure point's kind defines.

A `Remedy` must bring the bot back with the fault not lifted; everything transient, left to the bot, escalated or
intended comes back after lifting, and healing changed nothing; what expires comes back when the lab's clock passes
its recorded end, and refuses before.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field

from harness.drill.footprint import footprint
from harness.drill.steps import blocked_as_declared, consequences, golden, heal, not_ok, watched, withhold
from harness.failure_point import FailurePoint
from harness.healing import Outcome
from harness.lab.bench import Bench
from harness.lab.ports import Faults
from harness.readiness.judging import await_status
from harness.remedy import BotDoes, Expire, Intended, Remedy
from harness.vocabulary import Blocks, Status

STEPS = ("detect", "blocks", "heal", "recover")
BEFORE_S = 30.0
"""So long before its recorded end a protection must still hold; less could pass while we look."""
_EXPECTED = {
    Remedy: Outcome.HEALED,
    BotDoes: Outcome.LEFT_TO_BOT,
    Expire: Outcome.WAITING,
    Intended: Outcome.INTENDED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One of the four: whether it held, what was seen, and how long it took."""

    name: str
    held: bool
    saw: str
    duration_s: float


@dataclass(slots=True, kw_only=True)
class Drill:
    """A drill's record. `held` only if all four steps did; `undone` says why it could not be drilled at all."""

    point: str
    title: str
    steps: list[Step] = field(default_factory=list)
    undone: str = ""

    @property
    def held(self) -> bool:
        return [step.name for step in self.steps if step.held] == list(STEPS)

    def seconds(self, name: str) -> float | None:
        """How long the step `name` took; None where it was not reached."""
        return next((step.duration_s for step in self.steps if step.name == name), None)


def drill(
    point: FailurePoint,
    bench: Bench,
    faults: Faults,
    *,
    unable: tuple[type[Exception], ...] = (),
    say: Callable[[str], None] = lambda _: None,
) -> Drill:
    """Drill `point` on a healthy `bench`. Whatever happens, the fault is lifted when this returns or raises.

    `unable`: what a fault raises where this machine or this bot cannot have it; then nothing is drilled, and the
    record says why.
    """
    record = Drill(point=point.sheet.id, title=point.sheet.title)
    with ExitStack() as fault:
        try:
            fault.enter_context(faults(point.name, bench))
        except unable as error:
            record.undone = f"the fault cannot be injected here: {error}"
            return record
        say("detect")
        _detect(record, point, bench)
        say("blocks")
        _blocks(record, point, bench)
        say("heal")
        _heal(record, point, bench)
        if not isinstance(point.heal, Remedy | Expire):
            fault.close()
        say("recover")
        _recover(record, point, bench)
    return record


def _detect(record: Drill, point: FailurePoint, bench: Bench) -> None:
    """ERROR, and no other point has anything to say but the declared consequences."""
    started_s = time.monotonic()
    seen = await_status(bench, point, Status.ERROR)
    took_s = time.monotonic() - started_s
    others = not_ok(bench) - {point.sheet.id}
    undeclared = others - consequences(point)
    held = seen.status is Status.ERROR and not undeclared
    saw = f"{seen.status.name}: {seen.finding.summary}"
    if others:
        saw += f"; {', '.join(sorted(others))} follow" + (f", UNDECLARED: {sorted(undeclared)}" if undeclared else "")
    record.steps.append(Step(name="detect", held=held, saw=saw, duration_s=took_s))


def _blocks(record: Drill, point: FailurePoint, bench: Bench) -> None:
    """The golden signal stops where the sheet says, or trades where it says that nothing is blocked; in the running
    processes too where it is about processes."""
    started_s = time.monotonic()
    canary, running = golden(bench, point), watched(bench, point)
    trades = point.sheet.blocks is Blocks.NONE
    held = blocked_as_declared(point, canary) and (running is None or bool(running.orders) is trades)
    saw = f"stopped at {canary.stage}" if not canary.traded else "traded"
    if running is not None:
        saw += f", and the running processes sent {len(running.orders) or 'no'} order"
    _note(record, "blocks", held, f"{saw} (sheet: {point.sheet.blocks} at {point.sheet.stage})", started_s)


def _heal(record: Drill, point: FailurePoint, bench: Bench) -> None:
    """What its kind says was done, and nothing else touched; a remedy has its control first. Its time is that of the
    healing alone."""
    control = withhold(bench, point) if isinstance(point.heal, Remedy) else Status.ERROR
    before = footprint(bench)
    healing = heal(bench, point)
    beyond = before.beyond(point.heal, footprint(bench), bench)
    held = healing.outcome is _wanted(point, bench) and control is Status.ERROR and not beyond
    saw = f"{healing.outcome}: {healing.did}" if healing.did else healing.why or str(healing.outcome)
    if control is not Status.ERROR:
        saw += f"; with the remedy withheld it was {control.name}"
    if beyond:
        saw += f"; and it {', '.join(beyond)}"
    record.steps.append(Step(name="heal", held=held, saw=saw, duration_s=healing.duration_s))


def _wanted(point: FailurePoint, bench: Bench) -> Outcome:
    if isinstance(point.heal, Expire) and point.heal.until(bench.observe()) is None:
        return Outcome.ESCALATED
    return _EXPECTED.get(type(point.heal), Outcome.ESCALATED)


def _recover(record: Drill, point: FailurePoint, bench: Bench) -> None:
    """OK on a fresh look, and the golden signal is an order again, within the sheet's time."""
    early = _refuses_before_its_end(point, bench) if isinstance(point.heal, Expire) else ""
    started_s = time.monotonic()
    seen = await_status(bench, point, Status.OK)
    canary = golden(bench, point, nth=1)
    took_s = time.monotonic() - started_s
    held = seen.status is Status.OK and canary.traded and took_s <= point.sheet.recovers_within_s and not early
    saw = f"{seen.status.name}; {'an order again' if canary.traded else canary.reason}{early}"
    _note(record, "recover", held, saw, started_s)


def _refuses_before_its_end(point: FailurePoint, bench: Bench) -> str:
    """Move the clock to just before the recorded end, look, and move it past. In words, what was wrong; else empty."""
    assert isinstance(point.heal, Expire)
    snapshot = bench.observe()
    until_s = point.heal.until(snapshot)
    if until_s is None:
        return "; it has no recorded end to wait for"
    bench.clock.advance(until_s - snapshot.now_s - BEFORE_S)
    early = await_status(bench, point, Status.OK, 0.0)
    bench.clock.advance(BEFORE_S + 1.0)
    return "" if early.status is Status.ERROR else f"; {BEFORE_S:.0f} s before its end it was {early.status.name}"


def _note(record: Drill, name: str, held: bool, saw: str, started_s: float) -> None:
    record.steps.append(Step(name=name, held=held, saw=saw, duration_s=time.monotonic() - started_s))
