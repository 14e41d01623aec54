"""What the failure points' own tests say, for the page and the terminal: who is proven, since when, and the matrix."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from harness.report import order, phrases
from harness.verdict.document import Document, DrillRow, PointRow, Proof

HOW = "`make verify FULL=1` runs them"
_COMMIT_LENGTH = 7


class Cell(enum.StrEnum):
    """What one check said under one fault."""

    OWN = "its own check was not OK"
    FOLLOWS = "was not OK as a consequence"
    QUIET = "stayed OK"


MARKS = {Cell.OWN: "●", Cell.FOLLOWS: "○", Cell.QUIET: ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenView:
    """One point with what its own tests said and measured; `standing` is what `standing()` says of it."""

    id: str
    title: str
    standing: str
    since: str
    """When, and at which commit, they last passed together; empty where they never did."""
    trouble: str
    detect: str
    heal: str
    first_order: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Faults by checks: for each fault, one cell for each of `checks`."""

    checks: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[Cell, ...]], ...]
    """The fault's point, its title, its cells."""


def proven_views(document: Document) -> tuple[ProvenView, ...]:
    """One view for each judged point that applies, by id; none where there is no record at all."""
    drills = {drill.point: drill for drill in document.drills}
    rows = [row for row in document.points if row.status != order.NOT_APPLICABLE]
    if not drills and all(row.proof is None for row in rows):
        return ()
    return tuple(
        _view(row, drills.get(row.id), document) for row in sorted(rows, key=lambda row: order.natural(row.id))
    )


def _view(row: PointRow, drill: DrillRow | None, document: Document) -> ProvenView:
    proof = row.proof or Proof()
    return ProvenView(
        id=row.id,
        title=row.title,
        standing=standing(row.proof),
        since=since(proof, document),
        trouble="; ".join(
            [*(f"test_{test} failed" for test in proof.failed), *([proof.unverified] * bool(proof.unverified))]
        ),
        detect=_seconds(drill.detect_s if drill else None),
        heal=_seconds(drill.heal_s if drill else None),
        first_order=_seconds(drill.first_order_s if drill else None),
    )


def standing(proof: Proof | None) -> str:
    """What a proof comes to, in one or two words."""
    if proof is not None and proof.failed:
        return "failed"
    if proof is not None and proof.unverified:
        return "UNVERIFIED"
    return "proven" if proof is not None and proof.passed_at_s is not None else "no record"


def since(proof: Proof, document: Document) -> str:
    """`3 min 5 s ago at commit 4f9c2e1, not this one`; empty where they never passed together."""
    if proof.passed_at_s is None:
        return ""
    return f"{_ago(proof.passed_at_s, document)}{_at(proof.commit, document)}"


def matrix(document: Document, count_max: int) -> Matrix | None:
    """What was not OK under each of the first `count_max` faults; None where no drill is recorded."""
    drills = sorted(document.drills, key=lambda drill: order.natural(drill.point))[:count_max]
    if not drills:
        return None
    titles = {row.id: row.title for row in document.points}
    judged = {row.id for row in document.points if row.status != order.NOT_APPLICABLE}
    named = {one for drill in drills for one in (drill.point, *drill.not_ok)}
    checks = tuple(sorted(judged | named, key=order.natural))
    return Matrix(
        checks=checks,
        rows=tuple(
            (drill.point, titles.get(drill.point, ""), tuple(_cell(drill, one) for one in checks)) for drill in drills
        ),
    )


def _cell(drill: DrillRow, check: str) -> Cell:
    if check not in drill.not_ok:
        return Cell.QUIET
    return Cell.OWN if check == drill.point else Cell.FOLLOWS


def own_tests(document: Document) -> str:
    """One line for the terminal: `12 of 12 points proven at commit 4f9c2e1, 3 min ago`, and what speaks against it."""
    rows = [row for row in document.points if row.status != order.NOT_APPLICABLE]
    if all(row.proof is None for row in rows):
        return f"no record of them; {HOW}"
    proven = [row.proof for row in rows if row.proof is not None and standing(row.proof) == "proven"]
    told = [f"{len(proven)} of {len(rows)} points proven" + _when(proven, document)]
    failed = [f"{row.id} {', '.join(row.proof.failed)}" for row in rows if row.proof is not None and row.proof.failed]
    unverified = [row.id for row in rows if standing(row.proof) == "UNVERIFIED"]
    told += [f"failed: {'; '.join(failed)}"] if failed else []
    told += [f"UNVERIFIED: {', '.join(unverified)}"] if unverified else []
    without = [row.id for row in rows if standing(row.proof) == "no record"]
    told += [f"no record: {', '.join(without)}; {HOW}"] if without else []
    return "; ".join(told)


def _when(proofs: Sequence[Proof], document: Document) -> str:
    times = [proof.passed_at_s for proof in proofs if proof.passed_at_s is not None]
    if not times:
        return ""
    ago = _ago(min(times), document)
    commits = {proof.commit for proof in proofs}
    if len(commits) == 1:
        return f"{_at(commits.pop(), document)}, {ago}"
    here = sum(proof.commit == document.harness_commit for proof in proofs)
    return f", {here} of them at this commit, the oldest {ago}"


def _ago(at_s: float, document: Document) -> str:
    return f"{phrases.duration(max(0.0, document.created_at_s - at_s))} ago"


def _at(commit: str, document: Document) -> str:
    """` at commit 4f9c2e1`, and whether that is another than the verdict's own; empty outside a repository."""
    other = ", not this one" if commit != document.harness_commit else ""
    return f" at commit {short(commit)}{other}" if commit else other and " outside a repository"


def short(commit: str) -> str:
    """`4f9c2e1`, and `4f9c2e1+changes` where the work tree differed."""
    head, plus, changes = commit.partition("+")
    return head[:_COMMIT_LENGTH] + plus + changes


def _seconds(seconds: float | None) -> str:
    return "–" if seconds is None else phrases.duration(seconds)
