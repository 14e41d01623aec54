"""The rules that make a colour: each row of the table, the roots, and that no bad news ever makes a verdict better."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.failure_point import FailurePoint, Judged, NoEvidence
from harness.verdict import COULD_NOT_RUN, EXIT_CODES, colour_of, reasons, roots
from harness.verdict.document import Receipt, ReceiptRow
from harness.verdict.rows import first_blocker, point_rows
from harness.verdict.rules import WARNINGS_MAX, worst
from harness.vocabulary import CanaryResult, Colour, Desk, Finding, GateVerdict, Severity, Status
from tests.verdict.pieces import canary, gate, judged, point

COMPLETE = Receipt(complete=True)
EQUITIES = (Desk.EQUITIES,)
ORDER = [Colour.GREEN, Colour.YELLOW, Colour.RED]


def colour(
    *rows: Judged,
    canaries: tuple[CanaryResult, ...] | None = None,
    receipt: Receipt | None = COMPLETE,
    unverified: tuple[str, ...] = (),
) -> Colour:
    """The verdict on these findings, with a canary that traded unless others are given."""
    sent = (canary(traded=True),) if canaries is None else canaries
    return colour_of(reasons(rows, sent, EQUITIES, receipt, unverified))


CRITICAL, HIGH, LOW = Severity.CRITICAL, Severity.HIGH, Severity.LOW
TABLE = (
    (CRITICAL, Status.OK, Colour.GREEN),
    (CRITICAL, Status.WARN, Colour.YELLOW),
    (CRITICAL, Status.UNKNOWN, Colour.RED),
    (CRITICAL, Status.ERROR, Colour.RED),
    (HIGH, Status.OK, Colour.GREEN),
    (HIGH, Status.WARN, Colour.GREEN),
    (HIGH, Status.UNKNOWN, Colour.YELLOW),
    (HIGH, Status.ERROR, Colour.YELLOW),
    (LOW, Status.OK, Colour.GREEN),
    (LOW, Status.WARN, Colour.GREEN),
    (LOW, Status.UNKNOWN, Colour.YELLOW),
    (LOW, Status.ERROR, Colour.YELLOW),
)


@pytest.mark.parametrize(("severity", "status", "expected"), TABLE)
def test_one_finding_makes_its_colour(severity: Severity, status: Status, expected: Colour) -> None:
    """What was not seen is not OK: a critical UNKNOWN is as RED as an ERROR."""
    assert expected is colour(judged("FP-1.1", status, severity=severity))


@pytest.mark.parametrize(
    ("warnings", "expected"), [(0, Colour.GREEN), (WARNINGS_MAX, Colour.GREEN), (3, Colour.YELLOW)]
)
def test_more_than_two_warnings_are_no_green(warnings: int, expected: Colour) -> None:
    """Two warnings are allowed, the third is one too many."""
    rows = [judged(f"FP-1.{n}", Status.WARN, severity=HIGH) for n in range(warnings)]

    assert expected is colour(*rows)


@pytest.mark.parametrize("status", Status)
def test_a_point_that_does_not_apply_says_nothing(status: Status) -> None:
    """NOT APPLICABLE stands outside the order of statuses."""
    assert colour(replace(judged("FP-1.1", status), applies=False)) is Colour.GREEN


def test_no_canary_is_red() -> None:
    """Nobody tried: that is no proof of trading."""
    assert colour(canaries=()) is Colour.RED


def test_a_canary_of_another_desk_does_not_count() -> None:
    """Every desk in use needs its own."""
    assert colour(canaries=(canary(traded=True, desk=Desk.FUTURES),)) is Colour.RED


def test_one_silent_canary_among_others_is_red() -> None:
    """All of them must trade."""
    assert colour(canaries=(canary(traded=True), canary(traded=False))) is Colour.RED


@pytest.mark.parametrize("verdict", [GateVerdict.FIRED_NOT_BLOCKED, GateVerdict.FAILED_OPEN])
def test_a_gate_that_let_the_canary_through_wrongly_is_no_green(verdict: GateVerdict) -> None:
    """It traded, and a protection on its way does not protect: YELLOW, with the gate's line."""
    found = reasons((), (canary(traded=True, gates=(gate(verdict),)),), EQUITIES, COMPLETE, ())

    assert colour_of(found) is Colour.YELLOW
    assert "trader.py:7" in found[0].text


def test_a_gate_that_failed_open_before_another_one_stopped_the_signal_is_not_said_to_have_let_it_through() -> None:
    """The only reason is that it did not trade."""
    found = reasons((), (canary(traded=False, gates=(gate(GateVerdict.FAILED_OPEN),)),), EQUITIES, COMPLETE, ())

    assert [reason.colour for reason in found] == [Colour.RED]


@pytest.mark.parametrize(
    ("receipt", "expected"),
    [
        (None, Colour.GREEN),
        (COMPLETE, Colour.GREEN),
        (Receipt(), Colour.YELLOW),
        (Receipt(why_not="cache: said GREEN"), Colour.YELLOW),
    ],
)
def test_without_a_complete_receipt_nothing_is_green(receipt: Receipt | None, expected: Colour) -> None:
    """A run that was asked to prove that it could have said RED must have proven it."""
    assert expected is colour(receipt=receipt)


def test_a_red_verdict_needs_no_receipt() -> None:
    """It is its own proof that RED was possible: no second reason clouds the first."""
    found = reasons((judged("FP-1.1", Status.ERROR),), (canary(traded=True),), EQUITIES, Receipt(), ())

    assert [reason.point for reason in found] == ["FP-1.1"]


def test_what_could_not_be_proven_here_is_yellow_and_named() -> None:
    """UNVERIFIED is neither a pass nor a failure."""
    found = reasons((), (canary(traded=True),), EQUITIES, COMPLETE, ("FP-4.1 wants Toxiproxy",))

    assert [(reason.colour, reason.text) for reason in found] == [(Colour.YELLOW, "UNVERIFIED: FP-4.1 wants Toxiproxy")]


def test_reasons_come_worst_first() -> None:
    """An owner reads the first line."""
    rows = (judged("FP-1.1", Status.ERROR, severity=LOW), judged("FP-1.2", Status.ERROR))
    found = reasons(rows, (canary(traded=True),), EQUITIES, COMPLETE, ("x",))

    assert [reason.colour for reason in found] == [Colour.RED, Colour.YELLOW, Colour.YELLOW]


def test_exit_codes() -> None:
    """0 GREEN, 1 YELLOW, 2 RED, 3 could not run."""
    assert ({Colour.GREEN: 0, Colour.YELLOW: 1, Colour.RED: 2}, 3) == (EXIT_CODES, COULD_NOT_RUN)


findings = st.lists(
    st.builds(
        lambda n, status, severity, applies: replace(judged(f"FP-9.{n}", status, severity=severity), applies=applies),
        st.integers(0, 20), st.sampled_from(Status), st.sampled_from(Severity), st.booleans(),
    ),
    max_size=6,
)  # fmt: skip


@given(findings, st.integers(0, 5), st.sampled_from(Status))
def test_no_worse_finding_makes_a_verdict_better(rows: list[Judged], at: int, status: Status) -> None:
    """Whatever else was found: one status raised never lowers the colour."""
    if not rows:
        rows = [judged("FP-9.0", Status.OK)]
    one = rows[at % len(rows)]
    worse = replace(one, finding=Finding(max(status, one.status), "worse", NoEvidence(why="")))
    after = [worse if row is one else row for row in rows]

    assert ORDER.index(colour(*rows)) <= ORDER.index(colour(*after))


@given(findings, st.sampled_from(Status), st.sampled_from(Severity))
def test_one_more_finding_never_makes_a_verdict_better(rows: list[Judged], status: Status, severity: Severity) -> None:
    """More knowledge of trouble is never less trouble."""
    more = [*rows, judged("FP-9.99", status, severity=severity)]

    assert ORDER.index(colour(*rows)) <= ORDER.index(colour(*more))


@given(findings)
def test_green_means_that_no_reason_stands_against_it(rows: list[Judged]) -> None:
    """The colour is the worst of the reasons, and without one it is GREEN."""
    found = reasons(rows, (canary(traded=True),), EQUITIES, COMPLETE, ())

    assert (found == ()) is (colour_of(found) is Colour.GREEN)
    assert worst(Colour(reason.colour) for reason in found) is colour_of(found)


def chain(*links: tuple[str, tuple[str, ...]], status: Status = Status.ERROR) -> list[Judged]:
    """Points that are all in error, each with what may bring it about."""
    return [judged(name, status, downstream_of=above) for name, above in links]


def test_the_root_of_a_chain_is_named_for_every_consequence() -> None:
    """DNS is down: the daemon and the cache are its consequences, and it is nobody's."""
    found = roots(chain(("FP-9.1", ()), ("FP-9.2", ("FP-9.1",)), ("FP-9.3", ("FP-9.2",))))

    assert found == {"FP-9.1": (), "FP-9.2": ("FP-9.1",), "FP-9.3": ("FP-9.1",)}


def test_a_healthy_point_explains_nothing() -> None:
    """A consequence whose cause is OK is a root itself; a cause that is not built explains nothing either."""
    rows = [judged("FP-9.1", Status.OK), *chain(("FP-9.2", ("FP-9.1", "FP-9.77")))]

    assert roots(rows) == {"FP-9.2": ()}


def test_two_causes_are_both_named() -> None:
    """Nobody can say which of them it was."""
    found = roots(chain(("FP-9.1", ()), ("FP-9.2", ()), ("FP-9.3", ("FP-9.1", "FP-9.2"))))

    assert found["FP-9.3"] == ("FP-9.1", "FP-9.2")


def test_a_circle_of_causes_ends_and_still_has_a_first_blocker() -> None:
    """Two points that name each other explain one another; one of them is shown all the same."""
    rows = chain(("FP-9.1", ("FP-9.2",)), ("FP-9.2", ("FP-9.1",)))
    blocker = first_blocker(point_rows(rows, {}), ())

    assert set(roots(rows)) == {"FP-9.1", "FP-9.2"}
    assert blocker is not None
    assert blocker.point in ("FP-9.1", "FP-9.2")


def test_a_root_of_lesser_severity_stands_in_the_way_where_it_brings_a_critical_point_about() -> None:
    """The provider's rate limit is high, the stale cache that follows is critical: RED has a blocker, the root."""
    root = judged("FP-9.1", Status.ERROR, severity=Severity.HIGH)
    rows = [root, judged("FP-9.2", Status.ERROR, downstream_of=("FP-9.1",))]
    blocker = first_blocker(point_rows(rows, {}), ())

    assert colour(*rows) is Colour.RED
    assert blocker is not None
    assert blocker.point == "FP-9.1"
    assert first_blocker(point_rows([root], {}), ()) is None


def test_an_incomplete_receipt_names_its_row() -> None:
    """`why_not` goes into the reason."""
    row = ReceiptRow(stage="cache", fault="x", colour="GREEN", named_stage="", named="", held=False, duration_s=0.1)
    told = Receipt(rows=(row,), why_not="cache: said GREEN, named no stage")
    found = reasons((), (canary(traded=True),), EQUITIES, told, ())

    assert "cache: said GREEN" in found[0].text


def test_the_point_of_these_tests_is_a_real_one() -> None:
    """Its judge is a function and its sheet is whole, or nothing here proves anything."""
    assert isinstance(point("FP-9.1"), FailurePoint)
