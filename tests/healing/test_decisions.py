"""What the controller does about each kind of point, and what it refuses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.catalogue import built
from harness.failure_point import NO_REMEDY, FailurePoint, Judged, NoEvidence
from harness.healing import Outcome
from harness.remedy import expire, restart
from harness.services import ServiceFailed
from harness.vocabulary import Cause, Finding, Status
from harness.vocabulary.roles import Service
from tests.healing.patient import Patient


def in_error(point: FailurePoint, status: Status = Status.ERROR) -> Judged:
    finding = Finding(status, "as the test says", NoEvidence(why=""))
    return Judged(point=point, finding=finding, observed_at_s=0.0)


def test_healed_only_by_a_fresh_look(patient: Patient) -> None:
    """The remedy is done and the next look says OK: that, and not the remedy's own word, is healed."""
    patient.mended = lambda: patient.port.restarted == ["flow_daemon"]
    healing = patient.heal(patient.healer(), "FP-1.1")

    assert (healing.outcome, healing.did) == (Outcome.HEALED, "restarted flow_daemon")
    assert healing.before.startswith("no live daemon process")
    assert healing.after == "the daemon, pid 1, beat 0.0 s ago"
    assert patient.looks == 2


def test_a_remedy_that_does_not_help_goes_to_a_person(patient: Patient) -> None:
    """It succeeded and changed nothing: the playbook, what was done, and what it still says."""
    healing = patient.heal(patient.healer(), "FP-6.1")

    assert (healing.outcome, healing.did) == (Outcome.ESCALATED, "restarted trading_loop")
    assert healing.why.startswith("restarted trading_loop, and 60 s later it still says: no live trading loop")
    assert healing.playbook == built()["FP-6.1"].sheet.playbook


def test_a_remedy_that_fails_goes_to_a_person(patient: Patient) -> None:
    """The service manager's own sentence is the reason."""

    def refuse(name: str) -> None:
        raise ServiceFailed(f"no such program: {name}")

    patient.port.restarting = refuse
    healing = patient.heal(patient.healer(), "FP-6.1")

    assert healing.outcome is Outcome.ESCALATED
    assert healing.why == "restart services.trading_loop failed: no such program: trading_loop"
    assert healing.playbook == built()["FP-6.1"].sheet.playbook


@pytest.mark.parametrize("status", [Status.OK, Status.WARN])
def test_what_is_not_in_error_is_left_alone(status: Status, patient: Patient) -> None:
    """No act, whatever the remedy."""
    healing = patient.healer().heal(in_error(built()["FP-1.1"], status), patient.snapshot())

    assert (healing.outcome, patient.port.restarted) == (Outcome.NOTHING, [])


def test_what_is_not_known_is_not_acted_upon(patient: Patient) -> None:
    """To act on UNKNOWN would be a guess: it goes to a person."""
    healing = patient.healer().heal(in_error(built()["FP-1.1"], Status.UNKNOWN), patient.snapshot())

    assert (healing.outcome, patient.port.restarted) == (Outcome.ESCALATED, [])
    assert "would be a guess" in healing.why


def test_what_does_not_apply_is_left_alone(patient: Patient) -> None:
    """A bot without the role has nothing to be healed."""
    judged = replace(in_error(built()["FP-1.1"]), applies=False)
    healing = patient.healer().heal(judged, patient.snapshot())

    assert (healing.outcome, patient.port.restarted) == (Outcome.NOTHING, [])


@pytest.mark.parametrize(
    ("point_id", "outcome"),
    [
        ("FP-1.5", Outcome.ESCALATED),
        ("FP-3.2", Outcome.INTENDED),
        ("FP-4.1", Outcome.LEFT_TO_BOT),
        ("FP-4.2", Outcome.ESCALATED),
        ("FP-4.3", Outcome.LEFT_TO_BOT),
    ],
)
def test_others_do_it(point_id: str, outcome: Outcome, patient: Patient) -> None:
    """The bot, a person, or nobody: the controller does nothing, and a person is handed the playbook."""
    point = built()[point_id]
    healing = patient.healer().heal(in_error(point), patient.snapshot())

    assert (healing.outcome, healing.did, patient.port.restarted) == (outcome, "", [])
    assert healing.playbook == (point.sheet.playbook if outcome is Outcome.ESCALATED else ())


@pytest.mark.parametrize(("until_s", "outcome"), [(90.0, Outcome.WAITING), (None, Outcome.ESCALATED)])
def test_what_expires_is_waited_for(until_s: float | None, outcome: Outcome, patient: Patient) -> None:
    """Until its recorded end; without one only a person may end it."""
    point = built()["FP-3.1"]
    expiring = FailurePoint(point.sheet, detect=point.detect, heal=expire(lambda snapshot: until_s, "as recorded"))
    healing = patient.healer().heal(in_error(expiring), patient.snapshot())

    assert healing.outcome is outcome
    assert ("90 s from now" in healing.why) == (outcome is Outcome.WAITING)


@pytest.mark.parametrize("cause", NO_REMEDY)
def test_no_remedy_for_a_guard_even_if_one_is_forged(cause: Cause, patient: Patient) -> None:
    """A remedy that got past the first refusal is refused again by the controller, and a person is told."""
    point = built()["FP-6.1"]
    guard = forged(point, cause)
    healing = patient.healer().heal(in_error(guard), patient.snapshot())

    assert (healing.outcome, patient.port.restarted) == (Outcome.ESCALATED, [])
    assert healing.why == f"points of class {cause} know no remedy"
    with pytest.raises(ValueError, match="knows no remedy"):
        FailurePoint(guard.sheet, detect=point.detect, heal=restart(Service.TRADING_LOOP))


def forged(point: FailurePoint, cause: Cause) -> FailurePoint:
    """The same point in another class, past its own refusals."""
    made = FailurePoint(point.sheet, detect=point.detect, heal=point.heal)
    object.__setattr__(made, "sheet", replace(point.sheet, cause=cause))
    return made
