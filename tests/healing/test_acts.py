"""The acts on files: each touches its target and nothing else, and loses nothing."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from harness.healing import Outcome
from harness.healing.acts import ActFailed, act
from harness.remedy import Act, Remedy, complete, create_missing, restart, restore
from harness.vocabulary.roles import File, Service
from tests.healing.patient import Patient

WEIGHTS = complete(File.SIGNAL_WEIGHTS)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_complete_keeps_what_was_learned(patient: Patient) -> None:
    """Lost bands come from the declared default, learned ones stay, and a copy of the file is set aside."""
    path = patient.deployment.path(File.SIGNAL_WEIGHTS)
    content = json.loads((patient.deployment.root / "defaults" / path.name).read_bytes())
    names = list(content["weight_bands"])
    content["weight_bands"][names[0]]["multiplier"] = 1.5
    expected = json.loads(json.dumps(content))
    for name in names[-3:]:
        del content["weight_bands"][name]
    path.write_text(json.dumps(content), encoding="utf-8")
    lost, before = path.read_bytes(), files(patient.deployment.root)
    healing = patient.heal(patient.healer(), "FP-2.1")
    after = files(patient.deployment.root)

    assert healing.outcome is Outcome.HEALED
    assert json.loads(path.read_bytes()) == expected
    assert (path.parent / f"{path.name}.before_completion").read_bytes() == lost
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} == {
        "state/signal_weights.json",
        "state/signal_weights.json.before_completion",
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_complete_of_a_missing_file_restores_it(patient: Patient) -> None:
    """Nothing was learned that could be lost."""
    path = patient.deployment.path(File.SIGNAL_WEIGHTS)
    healing = patient.heal(patient.healer(), "FP-2.1")

    assert healing.outcome is Outcome.HEALED
    assert path.read_bytes() == (patient.deployment.root / "defaults" / path.name).read_bytes()


@pytest.mark.parametrize("content", [b'{"weight_bands": {', b"\xff\xfe", b'{"weight_bands": [1]}', b"[]"])
def test_complete_refuses_what_it_cannot_read(content: bytes, patient: Patient) -> None:
    """A damaged file may hold the only copy of what was learned: it stays as it is, and a person is told."""
    path = patient.deployment.path(File.SIGNAL_WEIGHTS)
    path.write_bytes(content)
    before = files(patient.deployment.root)
    healing = patient.heal(patient.healer(), "FP-2.1")

    assert healing.outcome is Outcome.ESCALATED
    assert files(patient.deployment.root) == before


def test_restore_never_overwrites(patient: Patient) -> None:
    """A file that is there is somebody's."""
    path = patient.deployment.path(File.POSITIONS)
    path.write_text("held", encoding="utf-8")
    with pytest.raises(ActFailed, match=r"state/positions\.json is there; restoring would overwrite it"):
        act(restore(File.POSITIONS), patient.deployment, {})

    assert path.read_text(encoding="utf-8") == "held"


def test_create_missing_leaves_brakes_and_orders_to_a_person(patient: Patient) -> None:
    """Every book that is missing is created; what a default would release or forget is named, and stays missing."""
    with pytest.raises(ActFailed, match=r"created state/positions\.json from .*; state/.* may have held a brake or an"):
        act(create_missing(), patient.deployment, {})
    made = {name for name in files(patient.deployment.root) if name.startswith("state/")}
    books = ("positions", "cooldowns", "signal_weights", "symbol_profiles")

    assert made == {f"state/{name}.json" for name in books}


def test_create_missing_keeps_what_is_there(patient: Patient) -> None:
    """With every required file there it has nothing to do, and says so."""
    for role, table in patient.deployment.toml.files.items():
        if table.default:
            patient.deployment.path(role).write_text("held", encoding="utf-8")
    before = files(patient.deployment.root)
    with pytest.raises(ActFailed, match="no file with a declared default is missing"):
        act(create_missing(), patient.deployment, {})

    assert files(patient.deployment.root) == before


@pytest.mark.parametrize(
    ("remedy", "why"),
    [
        (restore(File.FREEZE_FLAG), "declares no default"),
        (restore(File.KILL_SWITCH), "a person must put it back"),
        (restart(Service.FLOW_DAEMON), "no service manager is known for flow_daemon"),
        (Remedy(act=Act.RESTART), "names no target"),
        (Remedy(act=Act.RESTORE, service=Service.FLOW_DAEMON), "names no target"),
    ],
)
def test_what_cannot_be_done_says_so(remedy: Remedy, why: str, patient: Patient) -> None:
    """One sentence that names what is missing; nothing is touched."""
    before = files(patient.deployment.root)
    with pytest.raises(ActFailed, match=why):
        act(remedy, patient.deployment, {})

    assert files(patient.deployment.root) == before
