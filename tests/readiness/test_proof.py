"""The record of the failure points' own tests: what it proves, what it leaves open, and what cannot be read."""

from __future__ import annotations

import dataclasses
import stat
from pathlib import Path

import pytest

from harness.deployment import load
from harness.lab.ports import DirectWire
from harness.readiness import Options
from harness.readiness.proof import FAILED, PASSED, UNVERIFIED, Record, Trial, append, mirror, read, record_of, unproven
from harness.readiness.verify import Run, Stopwatch, document
from harness.verdict.document import Document, DrillRow, PointRow, Proof
from harness.vocabulary import Colour
from tests.report.pieces import point, receipt, traded

BOT = Path(__file__).resolve().parents[2] / "bot" / "bot.toml"
ALL = ("detect", "blocks", "heal", "recover")


def trial(test: str, run: str = "a", at_s: float = 100.0, **more: object) -> Trial:
    """A passed test of FP-1.3 where `more` does not say otherwise."""
    plain = Trial(run=run, point="FP-1.3", test=test, outcome=PASSED, duration_s=0.5, at_s=at_s, commit="c1")
    return dataclasses.replace(plain, **more)  # type: ignore[arg-type]


def whole(run: str = "a", at_s: float = 100.0, **more: object) -> list[Trial]:
    """A run in which the four passed, one second apart."""
    return [trial(test, run, at_s + nth, **more) for nth, test in enumerate(ALL)]


def proof(*found: Trial) -> Proof:
    """What these trials say of FP-1.3."""
    return record_of(found).proofs["FP-1.3"]


def test_four_in_one_run_prove_a_point() -> None:
    """The proof has the time of the last of the four, and their commit."""
    assert Proof(passed_at_s=103.0, commit="c1") == proof(*whole())


def test_four_in_two_runs_prove_nothing() -> None:
    """Detect and blocks of one run, heal and recover of another never passed together."""
    halves = [*whole("a")[:2], *whole("b", 200.0)[2:]]

    assert proof(*halves) == Proof()
    assert record_of(halves).drills == ()


def test_the_newest_whole_run_counts() -> None:
    """A later proof replaces an earlier one, and its commit."""
    assert Proof(passed_at_s=203.0, commit="c2") == proof(*whole(), *whole("b", 200.0, commit="c2"))


def test_a_later_failure_takes_the_proof_away() -> None:
    """The failed test is named beside the time when all passed; when it passes again, it is settled."""
    failed = trial("heal", "b", 200.0, outcome=FAILED)
    again = trial("heal", "c", 300.0)

    assert Proof(passed_at_s=103.0, commit="c1", failed=("heal",)) == proof(*whole(), failed)
    assert Proof(passed_at_s=103.0, commit="c1") == proof(*whole(), failed, again)


def test_a_fifth_test_that_fails_denies_the_run() -> None:
    """A point with a test more than four is proven only where that one passed too."""
    extra = trial("heal_of_a_freeze_without_an_end", outcome=FAILED)

    assert Proof(failed=("heal_of_a_freeze_without_an_end",)) == proof(*whole(), extra)


def test_a_failure_of_a_test_that_is_gone_is_settled() -> None:
    """What failed under a name that no longer exists does not outlive the next whole run."""
    assert proof(trial("old_name", outcome=FAILED), *whole("b", 200.0)).failed == ()


def test_unverified_is_no_pass() -> None:
    """What could not run here is told with its reason, once, and proves nothing."""
    lacking = [trial(test, outcome=UNVERIFIED, why="needs toxiproxy: none") for test in ALL]

    assert Proof(unverified="needs toxiproxy: none") == proof(*lacking)
    assert Proof(passed_at_s=103.0, commit="c1", unverified="needs toxiproxy: none") == proof(
        *whole(), *(dataclasses.replace(one, run="b") for one in lacking)
    )


def test_a_drill_has_the_times_of_the_proving_run() -> None:
    """Times come from the run that proved the point; what was not OK is joined over its tests of detection."""
    older = whole("a", detect_s=9.0)
    detect, blocks, heal, recover = whole("b", 200.0)
    run = [
        dataclasses.replace(detect, detect_s=0.02, not_ok=("FP-1.3",)),
        trial("detect_later", "b", 200.5, detect_s=5.0, not_ok=("FP-1.4", "FP-1.3")),
        blocks,
        heal,
        dataclasses.replace(recover, heal_s=0.4, first_order_s=1.5),
    ]
    expected = DrillRow(point="FP-1.3", detect_s=0.02, heal_s=0.4, first_order_s=1.5, not_ok=("FP-1.3", "FP-1.4"),
                        at_s=203.0, commit="c1")  # fmt: skip

    assert record_of([*older, *run]).drills == (expected,)


def test_what_belongs_to_no_point_is_kept() -> None:
    """A failed test of all points is named, until it passes, or until another commit was tested."""
    failed = trial("quiet_in_steady_state", point="", outcome=FAILED)

    assert record_of([failed]).others_failed == ("quiet_in_steady_state",)
    assert record_of([failed, trial("quiet_in_steady_state", point="")]).others_failed == ()
    assert record_of([failed, trial("detect_only_looks", point="", commit="c2")]).others_failed == ()


def test_what_is_appended_is_read(tmp_path: Path) -> None:
    """The file is its owner's alone; every trial comes back."""
    path = tmp_path / "reports" / "proofs.jsonl"
    for one in whole():
        append(path, one)

    assert record_of(whole()) == read(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("left", [b'{"run":"a","poi', b"\xff\xfe", b"[]", b'{"run": 7}'])
def test_a_killed_run_costs_one_line(tmp_path: Path, left: bytes) -> None:
    """Half a line, or a foreign one, is passed over; what is written after it stands on a line of its own."""
    path = tmp_path / "proofs.jsonl"
    append(path, trial("detect"))
    with path.open("ab") as file:
        file.write(left)
    for one in whole("b", 200.0):
        append(path, one)

    assert Proof(passed_at_s=203.0, commit="c1") == read(path).proofs["FP-1.3"]


def test_no_record_and_an_unreadable_one(tmp_path: Path) -> None:
    """No record is no reason; one that cannot be read could hold failures, and says so."""
    assert read(tmp_path / "none") == Record()
    assert [why for why in read(tmp_path).why_not if "cannot be read: Is a directory" in why] != []


def judged(record: Record) -> tuple[PointRow, ...]:
    """FP-1.3 as a row, with its proof of `record`."""
    return (point("1.3", "UW cache stale", name="data/uw_cache_stale", proof=record.proofs.get("FP-1.3")),)


def test_a_failed_test_is_a_reason_that_names_it() -> None:
    """The reason is YELLOW, names point and tests, and says what shows why."""
    record = record_of([*whole(), trial("heal", "b", outcome=FAILED), trial("recover", "b", outcome=FAILED)])
    (reason,) = unproven(judged(record), record)

    assert (reason.colour, reason.point) == ("YELLOW", "FP-1.3")
    assert "FP-1.3 UW cache stale: its own test_heal, test_recover failed" in reason.text
    assert f"make test TESTS={mirror('data/uw_cache_stale')}" in reason.text
    assert (BOT.parents[1] / mirror("data/uw_cache_stale")).is_file()


def test_a_proof_of_another_commit_is_no_reason() -> None:
    """An old proof is shown as old; it does not change the verdict."""
    record = record_of(whole(commit="long ago"))

    assert unproven(judged(record), record) == ()


def verdict(record: Record) -> Document:
    """The verdict on a bot whose two canaries traded, with this record of the own tests."""
    options = Options(wire=DirectWire, record=record)
    run = Run(deployment=load(BOT), options=options, watch=Stopwatch(options.say), began_s=0.0,
              canaries=(traded(),), receipt=receipt())  # fmt: skip
    return document(run)


def test_the_verdict_takes_it_in() -> None:
    """Without reasons GREEN, with the drills in the document; what could not be shown makes it YELLOW."""
    record = record_of(whole())
    failed = dataclasses.replace(record, why_not=("the own tests of FP-4.1 did not all run",))

    assert (verdict(record).verdict, verdict(record).drills) == (Colour.GREEN, record.drills)
    assert verdict(failed).verdict is Colour.YELLOW
    assert [reason.text for reason in verdict(failed).reasons] == ["the own tests of FP-4.1 did not all run"]
    assert verdict(record_of([trial("quiet", point="", outcome=FAILED)])).verdict is Colour.YELLOW
