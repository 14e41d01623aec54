"""A built failure point is the one that the catalogue lists."""

from __future__ import annotations

import re

import pytest

from harness.catalogue import built, entries
from harness.failure_point import FailurePoint
from harness.remedy import BotDoes, Escalate, Expire, Intended, Remedy

WAYS_OUT = {"remedy": Remedy, "bot": BotDoes, "expire": Expire, "escalate": Escalate, "intended": Intended}
POINTS = [pytest.param(point, id=point.name) for point in built().values()]


@pytest.mark.parametrize("point", POINTS)
def test_sheet_says_what_the_catalogue_says(point: FailurePoint) -> None:
    """Title, desk, severity, class and what is blocked are the catalogue's own."""
    entry, sheet = entries()[point.sheet.id], point.sheet
    expected = (entry.title, entry.desk, entry.severity, entry.cause, entry.blocks)

    assert (sheet.title, sheet.desk.value, sheet.severity.value, sheet.cause.value, sheet.blocks.value) == expected


@pytest.mark.parametrize("point", POINTS)
def test_way_out_is_one_that_the_catalogue_names(point: FailurePoint) -> None:
    """The way out is of a kind that the catalogue gives for this point; nothing is healed that must escalate."""
    named = re.match(r"\w+", entries()[point.sheet.id].heal)

    assert named is not None
    assert isinstance(point.heal, WAYS_OUT[named.group()])


@pytest.mark.parametrize("point", POINTS)
def test_consequences_name_points_that_exist(point: FailurePoint) -> None:
    """A sheet names only catalogued points as what brings it about, and never itself."""
    assert set(point.sheet.downstream_of) <= set(entries()) - {point.sheet.id}
