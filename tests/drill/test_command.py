"""`python -m harness drill`, from the outside: what it prints, how it ends, and what it leaves behind."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from harness.drill import STEPS
from tests.drill.command import ROOT, Place, run

pytestmark = [pytest.mark.timeout(240), pytest.mark.early]


def test_all_four_hold(place: Place) -> None:
    """Each step stands in a line of its own with its time, and nothing is left behind."""
    done = run(place, "FP-1.2")
    lines = [line.split()[:2] for line in done.stdout.splitlines() if line.startswith("  ") and " held " in line]

    assert (done.returncode, lines) == (0, [[name, "held"] for name in STEPS])
    assert "1 of 1 drilled points held all four" in done.stdout
    assert (place.processes(), place.folders(), place.mounts(), place.standing()) == ([], [], [], [])


def test_a_step_that_does_not_hold_is_exit_code_2(place: Place, tmp_path: Path) -> None:
    """A bot that ignores its freezes trades under one: the drill says at which step, and ends with 2. The point is
    named by its path; standard output is one JSON document with each step, what was seen and its seconds, and progress
    stands on standard error."""
    deaf = tmp_path / "bot"
    shutil.copytree(ROOT / "bot", deaf, ignore=shutil.ignore_patterns("__pycache__", "state", "data", "logs"))
    gates = deaf / "equities" / "gates.py"
    source = gates.read_text(encoding="utf-8")
    head, found, tail = source.partition("def active_freeze(")
    signature, arrow, body = tail.partition(":\n")
    gates.write_text(f"{head}{found}{signature}{arrow}    return None\n{body}", encoding="utf-8")
    done = run(place, "gates/freeze_active", "--bot", str(deaf / "bot.toml"), "--json")
    document = json.loads(done.stdout)
    (drill,) = document["drills"]

    assert (done.returncode, document["held"], drill["point"], drill["held"]) == (2, False, "FP-3.1", False)
    assert {step["name"]: step["held"] for step in drill["steps"]} == {**dict.fromkeys(STEPS, True), "blocks": False}
    assert all(0.0 <= step["duration_s"] < document["duration_s"] for step in drill["steps"])
    assert drill["steps"][0]["saw"].startswith("ERROR: ")
    assert "detect ..." in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["FP-9.99"], "there is no failure point 'FP-9.99'; the nearest is"),
        (["FP-1.7"], "is catalogued and not built yet"),
        ([], "which failure point?"),
        (["FP-1.3", "--all"], "not both"),
        (["FP-1.3", "--bot", "nowhere/bot.toml"], "nowhere/bot.toml"),
    ],
)
def test_what_cannot_be_drilled_is_exit_code_3(words: list[str], said: str, place: Place) -> None:
    """One sentence that names the thing, no traceback, no lab."""
    done = run(place, *words)

    assert (done.returncode, done.stdout) == (3, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
