"""One case of a judge: a snapshot and what must be said of it; and ways to move one fact of a snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from harness.failure_point import FailurePoint, judge
from harness.observe.snapshot import FileFacts, ServiceFacts, Snapshot, Source
from harness.vocabulary import Seen, Status, Unseen
from harness.vocabulary.roles import File, Service

OK, WARN, ERROR, UNKNOWN = Status.OK, Status.WARN, Status.ERROR, Status.UNKNOWN
HIDDEN = Unseen("hidden by this case")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A snapshot, the status that the point must give it, parts of the evidence, and words of the summary."""

    name: str
    snapshot: Snapshot
    status: Status
    evidence: Mapping[str, Any] = field(default_factory=dict)
    says: str = ""

    def broken_by(self, point: FailurePoint) -> str:
        """What `point` says instead; empty where it says what it must."""
        judged = judge(point, self.snapshot)
        if judged.status is not self.status:
            return f"{self.name}: {judged.status.name}, not {self.status.name}"
        held = {one.name: getattr(judged.finding.evidence, one.name) for one in fields(judged.finding.evidence)}
        wrong = {name: held.get(name) for name, value in self.evidence.items() if held.get(name) != value}
        if wrong:
            return f"{self.name}: the evidence has {wrong}"
        return "" if self.says in judged.finding.summary else f"{self.name}: says {judged.finding.summary!r}"


def with_file(snapshot: Snapshot, role: File, **facts: Any) -> Snapshot:
    """The snapshot with some facts of one file changed."""
    old: FileFacts = snapshot.files[role].value
    return replace(snapshot, files=Source({**snapshot.files.facts, role: Seen(replace(old, **facts), snapshot.now_s)}))


def with_service(snapshot: Snapshot, role: Service, **facts: Any) -> Snapshot:
    """The snapshot with some facts of one process changed."""
    old: ServiceFacts = snapshot.services[role].value
    services = {**snapshot.services.facts, role: Seen(replace(old, **facts), snapshot.now_s)}
    return replace(snapshot, services=Source(services))


def without(snapshot: Snapshot, role: File | Service) -> Snapshot:
    """The snapshot of a bot that lacks this role."""
    if isinstance(role, File):
        files = {one: fact for one, fact in snapshot.files.facts.items() if one != role}
        return replace(snapshot, files=Source(files))
    return replace(
        snapshot, services=Source({one: fact for one, fact in snapshot.services.facts.items() if one != role})
    )


def with_answer(snapshot: Snapshot, source: str, **facts: Any) -> Snapshot:
    """The snapshot with another answer of the `venue` or the `provider`."""
    party = getattr(snapshot, source)
    answer = Seen(replace(party.reach.value, **facts), snapshot.now_s)
    return replace(snapshot, **{source: replace(party, reach=answer)})


def case(name: str, snapshot: Snapshot, wanted: Status, /, says: str = "", **evidence: Any) -> Case:
    """One case of a point, under a name of its own among the point's cases."""
    return Case(name=name, snapshot=snapshot, status=wanted, says=says, evidence=evidence)
