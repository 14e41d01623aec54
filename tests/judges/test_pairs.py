"""The faults, one by one and in every pair: a second fault never makes the verdict better."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from harness.catalogue import built
from harness.failure_point import Judged, judge
from harness.observe.snapshot import Snapshot, Source
from harness.verdict import colour_of
from harness.verdict.rows import first_blocker, point_rows
from harness.verdict.rules import of_points
from harness.vocabulary import Colour, Seen, Status
from harness.vocabulary.roles import File, Service
from tests.judges.recorded import EXPECTED, Recorded

FAULTS = [
    pytest.param(point_id, id=point_id, marks=pytest.mark.needs("toxiproxy") if point_id == "FP-4.1" else ())
    for point_id in EXPECTED
]
ORDER = [Colour.GREEN, Colour.YELLOW, Colour.RED]


def _file(role: File) -> Callable[[Snapshot, Snapshot], Snapshot]:
    return lambda base, other: replace(base, files=Source({**base.files.facts, role: other.files[role]}))


def _service(role: Service) -> Callable[[Snapshot, Snapshot], Snapshot]:
    return lambda base, other: replace(base, services=Source({**base.services.facts, role: other.services[role]}))


def _venue(fact: str) -> Callable[[Snapshot, Snapshot], Snapshot]:
    return lambda base, other: replace(base, venue=replace(base.at_venue(), **{fact: getattr(other.at_venue(), fact)}))


def _too_often(base: Snapshot, other: Snapshot) -> Snapshot:
    """A key that is refused is refused before anything is counted, so there only the daemon's log tells of a 429."""
    daemon = base.services[Service.FLOW_DAEMON]
    logged = replace(daemon.value, logged_statuses=(*daemon.value.logged_statuses, 429))
    both = replace(base, services=Source({**base.services.facts, Service.FLOW_DAEMON: Seen(logged, daemon.at_s)}))
    return both if base.at_provider().reach.value.status == 401 else replace(both, provider=other.provider)


TOUCHES: Mapping[str, tuple[Callable[[Snapshot, Snapshot], Snapshot], ...]] = {
    "FP-1.1": (_service(Service.FLOW_DAEMON),),
    "FP-1.2": (_file(File.FLOW_CACHE),),
    "FP-1.3": (_file(File.FLOW_CACHE),),
    "FP-1.4": (_file(File.FLOW_CACHE),),
    "FP-1.5": (lambda base, other: replace(base, provider=other.provider),),
    "FP-1.6": (_too_often,),
    "FP-2.1": (_file(File.SIGNAL_WEIGHTS),),
    "FP-3.1": (_file(File.FREEZES),),
    "FP-3.2": (_file(File.POSITIONS), _venue("positions")),
    "FP-3.7": (_file(File.COOLDOWNS),),
    "FP-3.8": (_file(File.RAISED_THRESHOLD),),
    "FP-3.10": (_file(File.KILL_SWITCH),),
    "FP-4.1": (lambda base, other: replace(base, venue=other.venue),),
    "FP-4.2": (lambda base, other: replace(base, venue=other.venue),),
    "FP-4.3": (_venue("account"),),
    "FP-5.3": (_file(File.KILL_SWITCH),),
    "FP-5.4": (_file(File.SYMBOL_PROFILES),),
    "FP-5.10": (_file(File.FREEZES),),
    "FP-6.1": (_service(Service.TRADING_LOOP),),
    "FP-6.3": (_service(Service.TRADING_LOOP),),
    "FP-6.12": (_service(Service.HEARTBEAT_KEEPER),),
}
"""What each fault does to a snapshot: put from `other` into `base`."""


def judge_every(snapshot: Snapshot) -> list[Judged]:
    return [judge(point, snapshot) for point in built().values()]


def colour(snapshot: Snapshot) -> Colour:
    """The colour that the findings alone leave."""
    return colour_of(of_points(judge_every(snapshot)))


def merged(fault: str, into: str, recorded: Recorded) -> Snapshot:
    """The snapshot with the fault `into`, and what `fault` does put over it."""
    snapshot = recorded.faulty[into]
    for put in TOUCHES[fault]:
        snapshot = put(snapshot, recorded.faulty[fault])
    return snapshot


@pytest.mark.parametrize("fault", FAULTS)
def test_findings_are_exactly_the_declared_ones(fault: str, recorded: Recorded) -> None:
    """With one fault in the bench, the matrix says which points are not OK, and each is a consequence of one root."""
    judged = judge_every(recorded.faulty[fault])
    found = {row.id: row.status for row in judged if row.status is not Status.OK}
    rows = {row.id: row.consequence_of for row in point_rows(judged, {}) if row.id in found}
    expected = {point_id: () if point_id == fault else (fault,) for point_id in EXPECTED[fault]}

    assert found == EXPECTED[fault]
    assert rows == expected


@pytest.mark.parametrize("fault", FAULTS)
def test_touching_is_the_whole_fault(fault: str, recorded: Recorded) -> None:
    """What is put from one snapshot into another is the fault: the healthy one with it is judged as the recorded."""
    sick = recorded.faulty[fault]
    snapshot = recorded.healthy
    for put in TOUCHES[fault]:
        snapshot = put(snapshot, sick)
    snapshot = replace(snapshot, now_s=sick.now_s)
    found = {row.id: row.status for row in judge_every(snapshot) if row.status is not Status.OK}

    assert found == EXPECTED[fault]


def test_no_pair_is_better_than_either_alone(recorded: Recorded) -> None:
    """All ordered pairs: the colour is no better than the worse of the two, and one of the two is named first."""
    better, unnamed = [], []
    for fault, into in itertools.permutations(recorded.faulty, 2):
        both = merged(fault, into, recorded)
        worst = max((colour(recorded.faulty[fault]), colour(recorded.faulty[into])), key=ORDER.index)
        if ORDER.index(colour(both)) < ORDER.index(worst):
            better.append((fault, into, colour(both), worst))
        named = first_blocker(point_rows(judge_every(both), {}), [])
        if worst is Colour.RED and (named is None or named.point not in (fault, into)):
            unnamed.append((fault, into, named))

    assert better == []
    assert unnamed == []


def test_no_pair_hides_the_fault_that_was_put_on_top(recorded: Recorded) -> None:
    """Whatever else is broken, the point of the fault that was put last is not OK."""
    hidden = [
        (fault, into)
        for fault, into in itertools.permutations(recorded.faulty, 2)
        if judge(built()[fault], merged(fault, into, recorded)).status is Status.OK
    ]

    assert hidden == []
