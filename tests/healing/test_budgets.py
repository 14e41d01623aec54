"""How often one target may be acted upon, and that two never act on it at once."""

from __future__ import annotations

import threading

from harness.catalogue import built
from harness.healing import Budgets, Outcome
from harness.remedy import Remedy
from tests.healing.patient import Patient

WITHIN_S = 10.0


def test_a_budget_is_a_sliding_hour() -> None:
    """Each act counts for an hour from its own time, and for its own target only."""
    budgets = Budgets()
    for at_s in (0.0, 600.0, 1200.0):
        budgets.spend("services.a", at_s)
    left = [budgets.left("services.a", 3, now_s) for now_s in (1200.0, 3599.9, 3600.0, 4200.0, 4800.0)]

    assert left == [0, 0, 1, 2, 3]
    assert budgets.left("services.b", 3, 1200.0) == 3


def test_more_acts_than_a_budget_has_are_no_debt() -> None:
    """A target with a smaller limit than acts so far has nothing left, not less."""
    budgets = Budgets()
    for _ in range(5):
        budgets.spend("services.a", 0.0)

    assert budgets.left("services.a", 3, 1.0) == 0


def test_three_acts_then_a_person(patient: Patient) -> None:
    """The fourth time nothing is done, and the playbook is handed over."""
    healer = patient.healer()
    outcomes = [patient.heal(healer, "FP-1.1") for _ in range(4)]

    assert patient.port.restarted == ["flow_daemon"] * 3
    assert outcomes[3].outcome is Outcome.ESCALATED
    assert outcomes[3].why == "3 acts on services.flow_daemon in an hour did not help"
    assert outcomes[3].playbook == built()["FP-1.1"].sheet.playbook


def test_points_with_one_target_share_its_budget(patient: Patient) -> None:
    """Four points restart the daemon; together they may do it three times, and the loop has a budget of its own."""
    healer = patient.healer()
    for point_id in ("FP-1.1", "FP-1.2", "FP-1.4", "FP-1.1", "FP-6.1"):
        patient.heal(healer, point_id)
    targets = {heal.target for point in built().values() if isinstance(heal := point.heal, Remedy)}

    assert patient.port.restarted == ["flow_daemon"] * 3 + ["trading_loop"]
    assert targets == {
        "services.flow_daemon",
        "services.trading_loop",
        "services.heartbeat_keeper",
        "files.signal_weights",
        "files",
    }


def test_single_flight(patient: Patient) -> None:
    """While one thread restarts the daemon, a second one is told so and does nothing; another target is free."""
    under_way, go_on = threading.Event(), threading.Event()

    def restarting(name: str) -> None:
        if name == "flow_daemon":
            under_way.set()
            assert go_on.wait(WITHIN_S)

    patient.port.restarting = restarting
    healer = patient.healer()
    first = threading.Thread(target=patient.heal, args=(healer, "FP-1.1"))
    first.start()
    assert under_way.wait(WITHIN_S)
    second, elsewhere = patient.heal(healer, "FP-1.2"), patient.heal(healer, "FP-6.1")
    go_on.set()
    first.join(WITHIN_S)

    assert second.outcome is Outcome.BUSY
    assert elsewhere.did == "restarted trading_loop"
    assert patient.port.restarted == ["trading_loop", "flow_daemon"]


def test_a_flight_ends_with_its_act(patient: Patient) -> None:
    """After an act that failed, and after one that did not help, the target is free again."""

    def failing(name: str) -> None:
        if not patient.port.restarted:
            patient.port.restarted.append("failed")
            raise OSError("the manager went away")

    patient.port.restarting = failing
    healer = patient.healer()
    outcomes = [patient.heal(healer, "FP-1.1").outcome for _ in range(3)]

    assert outcomes == [Outcome.ESCALATED] * 3
    assert patient.port.restarted == ["failed", "flow_daemon", "flow_daemon"]


def test_a_restart_does_not_refill_a_budget(patient: Patient) -> None:
    """A new controller reads in the journal what the old one did within the hour."""
    old = patient.healer()
    for _ in range(3):
        patient.heal(old, "FP-1.1")
    healing = patient.heal(patient.healer(), "FP-1.1")

    assert healing.outcome is Outcome.ESCALATED
    assert patient.port.restarted == ["flow_daemon"] * 3
