"""Each judge is believed because every mutant of it dies by its own point's expectations."""

from __future__ import annotations

import pytest

from harness.catalogue import built
from tests.judges.cases import EDGES, cases
from tests.judges.mutants import mutants_of
from tests.judges.recorded import EXPECTED, Recorded

POINTS = [
    pytest.param(point_id, id=point_id, marks=pytest.mark.needs("toxiproxy") if point_id == "FP-4.1" else ())
    for point_id in built()
]
KINDS = ("raising", "always OK", "always ERROR", "limit doubled", "comparison turned", "edge moved", "condition turned")


def test_every_point_has_expectations() -> None:
    """No point is left out of the matrix, nor of the edges."""
    assert set(EXPECTED) == set(EDGES) == set(built())


@pytest.mark.parametrize("point_id", POINTS)
def test_judge_says_what_it_must(point_id: str, recorded: Recorded) -> None:
    """The judge as it is meets every expectation: what kills a mutant does not kill the original."""
    broken = [why for case in cases(point_id, recorded) if (why := case.broken_by(built()[point_id]))]

    assert broken == []


@pytest.mark.parametrize("point_id", POINTS)
def test_every_mutant_dies(point_id: str, recorded: Recorded) -> None:
    """No broken copy of the judge says what it must of every snapshot."""
    expected = cases(point_id, recorded)
    survivors = [
        mutant.name
        for mutant in mutants_of(built()[point_id])
        if not any(case.broken_by(mutant.point) for case in expected)
    ]

    assert survivors == [], "these mutants survive:\n" + "\n".join(survivors)


def test_mutants_of_every_kind_are_made() -> None:
    """Each judge is broken in the three plain ways, and over all of them in every way there is."""
    names = {point_id: [mutant.name for mutant in mutants_of(point)] for point_id, point in built().items()}
    plain = {point_id: sum(any(kind in name for kind in KINDS[:3]) for name in of) for point_id, of in names.items()}
    every = " ".join(name for of in names.values() for name in of)

    assert plain == dict.fromkeys(built(), 3)
    assert [kind for kind in KINDS if kind not in every] == []
