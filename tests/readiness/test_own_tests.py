"""The failure points' own tests, run by `verify --full`: they leave their record, and what did not run is named."""

from __future__ import annotations

import re
import signal
import stat
import threading
from pathlib import Path

import pytest

from fp_tests.proof_log import HERE, ProofLog, trial
from harness.catalogue import built
from harness.readiness.own_tests import LOG, prove
from harness.readiness.proof import FAILED, PASSED, UNVERIFIED, read, trials

pytestmark = pytest.mark.timeout(150)

WEIGHTS = "fp_tests/scoring/test_weights_not_initialised.py"
POINT = built()["FP-2.1"]


def test_a_run_of_one_point(tmp_path: Path) -> None:
    """Its four tests pass against the real bot; the record has its proof, its times and its matrix row; progress was
    told; the points that did not run are named."""
    said: list[str] = []
    record = prove(
        tmp_path / "proofs.jsonl", said.append, paths=[WEIGHTS], workers=1, points=[POINT, built()["FP-4.1"]]
    )
    (drill,) = record.drills

    assert record.proofs["FP-2.1"].passed_at_s == drill.at_s
    assert (drill.point, drill.not_ok) == ("FP-2.1", ("FP-2.1",))
    assert drill.detect_s is not None
    assert drill.heal_s is not None
    assert drill.first_order_s is not None
    assert "own tests: 100%, scoring/weights_not_initialised" in said[-1]
    assert record.why_not == ("the own tests of FP-4.1 did not all run",)
    assert stat.S_IMODE((tmp_path / LOG).stat().st_mode) == 0o600


def test_what_cannot_run_is_said(tmp_path: Path) -> None:
    """A module that is not there is no pass: pytest's own last word is told, and where all of it is."""
    record = prove(tmp_path / "proofs.jsonl", lambda _: None, paths=["fp_tests/none.py"], workers=1, points=[POINT])

    assert record.proofs == {}
    assert "could not run" in record.why_not[0]
    assert str(tmp_path / LOG) in record.why_not[0]
    assert record.why_not[1] == "the own tests of FP-2.1 did not all run"


def test_a_run_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    """At its deadline it is interrupted, and that is a reason."""
    record = prove(tmp_path / "proofs.jsonl", lambda _: None, paths=[WEIGHTS], workers=1, points=[], deadline_s=0.5)

    assert record.why_not == (
        f"the failure points' own tests were not done after 0.5 s and were stopped: {tmp_path / LOG}",
    )


def test_an_interrupted_run_takes_its_tests_down(tmp_path: Path) -> None:
    """Ctrl-C after the first finished test ends the run: the tests are interrupted once and tear down, and the
    interrupt goes on to the caller."""
    main, before = threading.main_thread(), signal.signal(signal.SIGINT, signal.default_int_handler)
    finished: list[str] = []

    def interrupt(line: str) -> None:
        finished.extend([line] if "%" in line else [])
        if finished == [line] and main.ident is not None:
            signal.pthread_kill(main.ident, signal.SIGINT)

    try:
        with pytest.raises(KeyboardInterrupt):
            prove(tmp_path / "proofs.jsonl", interrupt, paths=[WEIGHTS], workers=1, points=[])
    finally:
        signal.signal(signal.SIGINT, before)
    log = (tmp_path / LOG).read_text(encoding="utf-8")

    assert "KeyboardInterrupt" in log
    assert re.search(r"^=+ [123] passed in ", log, re.MULTILINE)


def report(when: str, outcome: str = "passed", why: object = None, node: str = "", **measured: object) -> object:
    """One phase of a test of FP-1.3, as pytest reports it."""
    return pytest.TestReport(
        nodeid=node or "fp_tests/data/test_uw_cache_stale.py::test_detect",
        location=("", None, ""),
        keywords={},
        outcome=outcome,  # type: ignore[arg-type]
        longrepr=why,  # type: ignore[arg-type]
        when=when,  # type: ignore[arg-type]
        duration=0.25,
        user_properties=list(measured.items()),
    )


PHASES = {
    "passed": ([report("setup"), report("call"), report("teardown")], PASSED, ""),
    "failed": ([report("setup"), report("call", "failed", "E  it is\n  9"), report("teardown")], FAILED, "E it is 9"),
    "left": ([report("setup"), report("call"), report("teardown", "failed", "fault not lifted")], FAILED,
             "fault not lifted"),
    "skipped": ([report("setup", "skipped", ("f", 1, "Skipped: UNVERIFIED: needs toxiproxy: none")),
                 report("teardown")], UNVERIFIED, "needs toxiproxy: none"),
    "CI": ([report("setup", "failed", "UNVERIFIED: needs toxiproxy: none"), report("teardown")], UNVERIFIED,
           "needs toxiproxy: none"),
    "worker lost": ([report("setup"), report("???", "failed", "worker 'gw0' crashed")], FAILED,
                    "worker 'gw0' crashed"),
}  # fmt: skip


@pytest.mark.parametrize("name", PHASES)
def test_the_phases_of_a_test_are_one_word(name: str) -> None:
    """A test passed only where set-up, call and tear-down did; a skip never counts as a pass."""
    reports, outcome, why = PHASES[name]
    told = trial(reports, "a", "c1")  # type: ignore[arg-type]

    assert (told.point, told.test) == ("FP-1.3", "detect")
    assert (told.outcome, told.why) == (outcome, why)
    assert told.duration_s == 0.25 * len(reports)


def test_what_was_measured_is_kept() -> None:
    """Times and the matrix row come from the properties of the test, as they stand at its end."""
    told = trial([report("setup"), report("teardown", detect_s=0.02, heal_s=None, not_ok=["FP-1.3"])], "a", "c1")  # type: ignore[list-item]

    assert (told.detect_s, told.heal_s, told.first_order_s, told.not_ok) == (0.02, None, None, ("FP-1.3",))


@pytest.mark.parametrize(
    ("node", "whose"),
    [
        ("fp_tests/gates/test_freeze_active.py::test_heal_of_a_freeze_without_an_end",
         ("FP-3.1", "heal_of_a_freeze_without_an_end")),
        ("fp_tests/test_contract.py::test_judge_is_pure[FP-1.3]",
         ("FP-1.3", "judge_is_pure")),
        ("fp_tests/test_contract.py::test_quiet_in_steady_state", ("", "quiet_in_steady_state")),
        ("fp_tests/test_contract.py::test_a_remedy_for_a_guard_is_refused[config]",
         ("", "a_remedy_for_a_guard_is_refused[config]")),
    ],
)  # fmt: skip
def test_whose_test_it_is(node: str, whose: tuple[str, str]) -> None:
    """A module names its point; what every point promises belongs to the point it was asked about, or to none."""
    told = trial([report("teardown", node=node)], "a", "c1")  # type: ignore[list-item]

    assert (told.point, told.test) == whose


def test_only_the_tests_of_this_folder_are_recorded(tmp_path: Path) -> None:
    """One line when a test is finished, none for a test of another folder."""
    path = tmp_path / "proofs.jsonl"
    log = ProofLog(HERE.parent, path)
    for one in (*PHASES["passed"][0], report("teardown", node="tests/tidy/test_rules.py::test_it")):
        log.pytest_runtest_logreport(one)  # type: ignore[arg-type]

    assert [(one.point, one.test, one.outcome) for one in trials(path)] == [("FP-1.3", "detect", PASSED)]
    assert "FP-1.3" in read(path).proofs
