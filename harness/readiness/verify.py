"""`verify`: a bench, a look, a judgement, a canary at each depth, a receipt, a verdict."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from harness.canary import send
from harness.catalogue import built, entries
from harness.deployment import Deployment
from harness.failure_point import Judged
from harness.lab.bench import Bench, bench
from harness.lab.ports import Faults, Wire
from harness.readiness.identity import HARNESS, commit_of, configuration_hash
from harness.readiness.judging import judge_all
from harness.readiness.proof import Record, unproven
from harness.readiness.receipt import receipt
from harness.verdict import Document, colour_of, reasons
from harness.verdict.document import Override, Phase, Receipt
from harness.verdict.rows import first_blocker, point_rows
from harness.vocabulary import CanaryResult, Colour, Depth, Outcome

VALID_FOR_S = 3600.0
NO_SECOND_TRY = "nothing can be asked of this bot, or it does not come back: a second bench could prove no more"

NOT_RUNNING = (Outcome.NOT_LOADED, Outcome.NOT_SENT, Outcome.TIMED_OUT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a caller may choose, and what the composition root hands over."""

    at_s: float | None = None
    clean: bool = False
    egress_guard: str = ""
    wire: Callable[[], Wire]
    """Makes the wire of one bench; the second bench of the receipt has its own."""
    wire_missing: str = ""
    """Why there is no Toxiproxy; empty where there is one."""
    faults: Faults | None = None
    say: Callable[[str], None] = lambda _: None
    """Progress, one line each."""
    record: Record = field(default_factory=Record)
    """What the failure points' own tests last said."""


@dataclass(slots=True)
class Stopwatch:
    """How long each phase took."""

    say: Callable[[str], None]
    phases: list[Phase] = field(default_factory=list)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        self.say(name)
        started_s = time.monotonic()
        try:
            yield
        finally:
            self.phases.append(Phase(name=name, duration_s=time.monotonic() - started_s))


@dataclass(slots=True, kw_only=True)
class Run:
    """What one verification saw, until it becomes a document."""

    deployment: Deployment
    options: Options
    watch: Stopwatch
    began_s: float
    judged: tuple[Judged, ...] = ()
    canaries: tuple[CanaryResult, ...] = ()
    receipt: Receipt | None = None
    waited_s: float = 0.0
    lab_time_s: float = 0.0
    lab_time_why: str = ""
    overrides: tuple[Override, ...] = ()
    wire: str = ""


def verify(deployment: Deployment, options: Options) -> Document:
    """Verify `deployment` in a lab and return the verdict.

    Raises what `bench` raises where the verification itself cannot run (`CopyFailed`, `ServiceFailed`, `PortTaken`).
    """
    run = Run(deployment=deployment, options=options, watch=Stopwatch(options.say), began_s=time.monotonic())
    with ExitStack() as stack:
        with run.watch.phase("start the bot in a lab"):
            wire = options.wire()
            made = stack.enter_context(
                bench(deployment, wire=wire, at_s=options.at_s, into_session=True, clean=options.clean, warm=True)
            )
        run.lab_time_s, run.lab_time_why = made.clock.now(), made.clock.why
        run.overrides, run.wire = made.overrides, wire.description
        prove = _second_bench(stack, run) if options.faults is not None else None
        with run.watch.phase("observe and judge"):
            run.judged = judge_all(made)
        with run.watch.phase("send the canaries"):
            run.canaries = send_all(made)
        if any(canary.trace.outcome in NOT_RUNNING for canary in run.canaries):
            run.receipt = Receipt(why_not=NO_SECOND_TRY)
        else:
            run.receipt = prove() if prove is not None else Receipt(why_not="no faults were handed to this run")
        run.waited_s += made.waited_s
    return document(run)


def _second_bench(stack: ExitStack, run: Run) -> Callable[[], Receipt]:
    """The receipt's bench, whose bot starts beside the work on the first one; the result is what proves there."""
    options = run.options
    second = stack.enter_context(
        bench(run.deployment, wire=options.wire(), at_s=run.lab_time_s, clean=True, warm=True, begin=False)
    )
    pool = stack.enter_context(ThreadPoolExecutor(1, thread_name_prefix="second-bench"))
    stack.callback(second.end)
    begun = pool.submit(second.begin)

    def prove() -> Receipt:
        with run.watch.phase("start a second bench"):
            waited_s = second.waited_s
            begun.result()
            # What it waited beside the work on the first bench was nobody's waiting time.
            run.waited_s -= waited_s
        with run.watch.phase("prove that RED was possible"):
            made = receipt(second, options.faults, options.say)
        run.waited_s += second.waited_s
        return made

    return prove


def send_all(made: Bench) -> tuple[CanaryResult, ...]:
    """One canary through a fork of the bot's cycle, one through its running processes, each with its own symbol."""
    canary = made.deployment.toml.canary
    trades = any(table.trades for table in made.deployment.toml.services.values())
    depths = [Depth.CYCLE if canary.cycle else Depth.DECIDE, *([Depth.PROCESS] if trades else [])]
    symbols = _free(made)
    return tuple(send(made, symbols[n % len(symbols)], depth) for n, depth in enumerate(depths))


def _free(made: Bench) -> tuple[str, ...]:
    """The canary's symbols that the bot holds nothing in: what it holds it rightly buys no more of."""
    symbols = made.deployment.toml.canary.symbols
    held = made.world.positions(made.world.account) if made.world.account else {}
    return tuple(symbol for symbol in symbols if symbol not in held) or symbols


def document(run: Run) -> Document:
    """The verdict on what `run` saw."""
    rows = point_rows(run.judged, run.options.record.proofs)
    unverified = tuple(
        [*([run.options.wire_missing] if run.options.wire_missing else [])]
        + [f"{row.id} {row.title}: {row.proof.unverified}" for row in rows if row.proof and row.proof.unverified]
    )
    found = (
        *reasons(run.judged, run.canaries, run.deployment.desks, run.receipt, unverified),
        *unproven(rows, run.options.record),
    )
    verdict = colour_of(found)
    blocker = first_blocker(rows, run.canaries) if verdict is not Colour.GREEN else None
    now_s = time.time()
    return Document(
        verdict=verdict,
        answer=_answer(verdict, run.canaries),
        blocker=blocker,
        reasons=found,
        bot=run.deployment.name,
        bot_toml=str(run.deployment.toml_path),
        desks=tuple(run.deployment.desks),
        catalogued=len(entries()),
        judged=sum(row.applies for row in run.judged),
        not_applicable=sum(not row.applies for row in run.judged),
        not_built=len(entries()) - len(built()),
        points=rows,
        canaries=run.canaries,
        receipt=run.receipt or Receipt(why_not="none was asked for"),
        drills=run.options.record.drills,
        overrides=run.overrides,
        egress_guard=run.options.egress_guard,
        toxiproxy=run.wire,
        unverified=unverified,
        lab_time_s=run.lab_time_s,
        lab_time_why=run.lab_time_why,
        clean=run.options.clean,
        bot_commit=commit_of(run.deployment.root),
        harness_commit=commit_of(HARNESS),
        configuration_hash=configuration_hash(run.deployment),
        created_at_s=now_s,
        valid_until_s=now_s + VALID_FOR_S,
        duration_s=time.monotonic() - run.began_s,
        waiting_s=run.waited_s,
        phases=tuple(run.watch.phases),
    )


def _answer(verdict: Colour, canaries: Sequence[CanaryResult]) -> str:
    """The question's answer, short: what stands in the way is told beside it."""
    if verdict is Colour.RED:
        silent = any(not canary.traded for canary in canaries)
        return (
            "No. A good signal would not become an order now." if silent else "Not safely: a critical point is not OK."
        )
    said = "Yes. A good signal becomes exactly one order"
    return f"{said}." if verdict is Colour.GREEN else f"{said}, but something is degraded."
