"""Everything the controller did, and everything it decided not to do, stands in the journal, before and after."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from harness.healing import Journal
from tests.healing.patient import Patient


def test_before_and_after(patient: Patient) -> None:
    """The act is written down before it begins, and what a fresh look said when it is over."""
    seen: list[list[str]] = []
    patient.port.restarting = lambda name: seen.append([row["when"] for row in patient.journal.entries()])
    patient.heal(patient.healer(), "FP-1.1")
    before, after = patient.journal.entries()

    assert seen == [["before"]]
    assert (before["when"], before["point"], before["status"]) == ("before", "FP-1.1", "ERROR")
    assert before["remedy"] == "restart services.flow_daemon"
    assert (after["when"], after["outcome"], after["did"]) == ("after", "escalated", "restarted flow_daemon")
    assert after["look"].startswith("no live daemon process")
    assert before["at_s"] <= after["at_s"]


def test_decisions_not_to_act_are_written_too(patient: Patient) -> None:
    """A point that nobody heals leaves its reason."""
    patient.mended = lambda: True
    patient.heal(patient.healer(), "FP-1.1")
    rows = [(row["when"], row["outcome"], row["why"]) for row in patient.journal.entries()]

    assert rows == [("after", "nothing to heal", "it is not in error")]


def test_without_a_journal_nothing_is_done(patient: Patient) -> None:
    """A controller whose acts would leave no record does not act."""
    patient.journal.path.mkdir()
    with pytest.raises(OSError, match="Is a directory"):
        patient.heal(patient.healer(), "FP-1.1")

    assert patient.port.restarted == []


def test_it_is_private_and_only_grows(tmp_path: Path) -> None:
    """0600, in a folder of 0700; a second journal on the same path adds to it."""
    path = tmp_path / "new" / "healing.jsonl"
    Journal(path).write({"n": 1})
    Journal(path).write({"n": 2, "text": "two\nlines"})

    assert Journal(path).entries() == [{"n": 1}, {"n": 2, "text": "two\nlines"}]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_there_is_none_yet(tmp_path: Path) -> None:
    """A journal that nobody has written is empty."""
    assert Journal(tmp_path / "healing.jsonl").entries() == []
