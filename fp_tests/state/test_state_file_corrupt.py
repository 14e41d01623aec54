"""FP-5.3: a state file is torn in the middle: a brake, and a book beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from chaos.faults.file_truncate import truncate_file
from fp_tests.story import Detects, FaultOf, Recovers, healed, point
from harness.canary.hold import trading_held
from harness.drill.steps import consequences, golden, not_ok
from harness.failure_points.state.state_file_corrupt import StateFiles
from harness.healing import Outcome
from harness.lab.bench import Bench
from harness.readiness.judging import await_status
from harness.vocabulary import Stage, Status
from harness.vocabulary.roles import File

POINT = point("FP-5.3")


@pytest.fixture
def switch(healthy_bench: Bench) -> Path:
    """The kill switch's file."""
    return healthy_bench.path(File.KILL_SWITCH)


@pytest.fixture
def fault(fault_of: FaultOf, switch: Path) -> Iterator[ExitStack]:
    """Half of the kill switch is on the disk. Closing the stack puts the whole back."""
    with ExitStack() as stack:
        stack.enter_context(fault_of(POINT.name))
        with pytest.raises(json.JSONDecodeError):
            json.loads(switch.read_bytes())
        yield stack


def test_detect(healthy_bench: Bench, fault: ExitStack, detects: Detects) -> None:
    """The file is named with what is wrong in it; whether the switch is set is not known, and that is declared."""
    found = detects(POINT)
    evidence = found.finding.evidence

    assert found.status is Status.ERROR
    assert isinstance(evidence, StateFiles)
    assert (evidence.corrupt, evidence.state_files) == (("state/kill_switch.json",), 7)
    assert evidence.why[0].startswith("not JSON: ")
    assert not_ok(healthy_bench) - {"FP-5.3"} == {"FP-3.10"}
    assert "FP-3.10" in consequences(POINT)


def test_blocks(healthy_bench: Bench, fault: ExitStack) -> None:
    """An unreadable brake is not a released one: the bot refuses, and its gate is mapped to this point."""
    canary = golden(healthy_bench, POINT)

    assert (canary.traded, canary.stage, canary.orders) == (False, Stage.GATE, ())
    assert canary.blocker is not None
    assert (canary.blocker.label, canary.blocker.failure_point) == ("state_corrupt", "FP-5.3")


def test_heal(healthy_bench: Bench, fault: ExitStack, switch: Path) -> None:
    """We write no state for the bot: it is left to the bot, and the torn brake stays where it is as evidence."""
    torn = switch.read_bytes()
    done = healed(healthy_bench, POINT)

    assert (done.outcome, done.did, done.touched) == (Outcome.LEFT_TO_BOT, "", set())
    assert switch.read_bytes() == torn


def test_heal_of_a_book_by_the_bot(healthy_bench: Bench) -> None:
    """A torn book of positions is moved aside by the running bot, kept as evidence, and written anew."""
    book = healthy_bench.path(File.POSITIONS)
    with ExitStack() as stack:
        with trading_held(healthy_bench):
            stack.enter_context(truncate_file(book))
            torn = book.read_bytes()
            before = await_status(healthy_bench, POINT, Status.ERROR)
        after = await_status(healthy_bench, POINT, Status.OK)
        kept = list(book.parent.glob(f"{book.name}.corrupt.*"))
        aside = [path.read_bytes() for path in kept]
        for path in kept:
            path.unlink()

    assert (before.status, after.status) == (Status.ERROR, Status.OK)
    assert aside == [torn]
    assert json.loads(book.read_bytes())["positions"] == {}


def test_recover(healthy_bench: Bench, fault: ExitStack, recovers: Recovers) -> None:
    """When the brake can be read again, the next signal is an order."""
    fault.close()
    recovery = recovers(POINT)

    assert recovery.complete, recovery
