"""Several drills in a row: what is left out, what could not be done, and what ends the run with which code."""

from __future__ import annotations

import pytest

from harness.cli.drill import _exit_code
from harness.drill import STEPS, Drill, Step


def drilled(*held: bool) -> Drill:
    """A record with the first steps, each held or not."""
    steps = [Step(name=name, held=one, saw="", duration_s=1.5) for name, one in zip(STEPS, held, strict=False)]
    return Drill(point="FP-0.0", title="of this test", steps=steps)


def undone(why: str) -> Drill:
    return Drill(point="FP-0.0", title="of this test", undone=why)


HELD, FAILED, CUT = drilled(True, True, True, True), drilled(True, False, True, True), drilled(True, True)
ABSENT = undone("not applicable: this bot lacks the role that it speaks of")
UNABLE = undone("the fault cannot be injected here: no Toxiproxy")


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ([HELD, HELD], 0),
        ([HELD, ABSENT], 0),
        ([HELD, FAILED], 2),
        ([HELD, CUT], 2),
        ([UNABLE, FAILED], 2),
        ([HELD, UNABLE], 3),
        ([ABSENT], 3),
        ([], 3),
    ],
)
def test_exit_code(records: list[Drill], code: int) -> None:
    """0 only if all four held for every point that was drilled, 2 if one did not, 3 if one could not be drilled."""
    assert _exit_code(records) == code


def test_held_means_all_four() -> None:
    """A record that was cut short did not hold, whatever its steps say."""
    assert [record.held for record in (HELD, FAILED, CUT, UNABLE)] == [True, False, False, False]


def test_seconds_of_a_step() -> None:
    """The time of each step that was reached."""
    assert (CUT.seconds("blocks"), CUT.seconds("heal")) == (1.5, None)
