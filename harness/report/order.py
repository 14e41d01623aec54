"""The order in which failure points are told: worst first, each root before the consequences that it explains."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from harness.verdict.document import PointRow
from harness.vocabulary import Severity, Status

_SEVERITIES = [str(severity) for severity in Severity]
NOT_APPLICABLE = "NOT APPLICABLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """One point that nothing else explains, with the points that it brings about."""

    row: PointRow
    consequences: tuple[PointRow, ...] = ()


def roots_first(rows: Sequence[PointRow]) -> tuple[Root, ...]:
    """Every row once: as a root, or below the first of its roots that is among the rows."""
    ordered = sorted(rows, key=_rank)
    by_id = {row.id: row for row in ordered}
    parents = {row.id: _parent(row, by_id) for row in ordered}
    return tuple(
        Root(row=row, consequences=tuple(other for other in ordered if parents[other.id] == row.id))
        for row in ordered
        if parents[row.id] is None
    )


def _parent(row: PointRow, by_id: dict[str, PointRow]) -> str | None:
    """The root under which `row` stands. A root that is itself explained by another one counts as none."""
    return next(
        (up for up in row.consequence_of if up in by_id and up != row.id and not by_id[up].consequence_of), None
    )


def needs_attention(row: PointRow) -> bool:
    """Whether the row is anything but OK or NOT APPLICABLE; a word that we do not know is never quietly fine."""
    return row.status not in (Status.OK.name, NOT_APPLICABLE)


def _rank(row: PointRow) -> tuple[int, int, list[tuple[int, str]]]:
    status = -1 if row.status == NOT_APPLICABLE else Status.__members__.get(row.status, Status.UNKNOWN).value
    severity = _SEVERITIES.index(row.severity) if row.severity in _SEVERITIES else len(_SEVERITIES)
    return -status, severity, natural(row.id)


def natural(text: str) -> list[tuple[int, str]]:
    """A key that puts FP-1.9 before FP-1.10."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d+)", text)]
