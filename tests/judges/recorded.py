"""Snapshots of a real bench: one while it was healthy, and one with each of the real faults in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chaos.experiments import inject
from harness.catalogue import built
from harness.failure_point import judge
from harness.lab.bench import Bench
from harness.observe.snapshot import Snapshot
from harness.readiness.judging import await_status
from harness.vocabulary import Status
from harness.vocabulary.roles import File

WELL_WITHIN_S = 10.0

EXPECTED: Mapping[str, Mapping[str, Status]] = {
    "FP-1.1": {"FP-1.1": Status.ERROR},
    "FP-1.2": {"FP-1.2": Status.ERROR, "FP-1.3": Status.UNKNOWN, "FP-1.4": Status.ERROR},
    "FP-1.3": {"FP-1.3": Status.ERROR},
    "FP-1.4": {"FP-1.4": Status.ERROR},
    "FP-1.5": {"FP-1.5": Status.ERROR},
    "FP-1.6": {"FP-1.6": Status.ERROR},
    "FP-2.1": {"FP-2.1": Status.ERROR},
    "FP-3.1": {"FP-3.1": Status.ERROR},
    "FP-3.2": {"FP-3.2": Status.ERROR},
    "FP-3.7": {"FP-3.7": Status.ERROR},
    "FP-3.8": {"FP-3.8": Status.ERROR},
    "FP-3.10": {"FP-3.10": Status.ERROR},
    "FP-4.1": {"FP-4.1": Status.ERROR, "FP-4.2": Status.UNKNOWN, "FP-4.3": Status.UNKNOWN},
    "FP-4.2": {"FP-4.2": Status.ERROR, "FP-4.3": Status.UNKNOWN},
    "FP-4.3": {"FP-4.3": Status.ERROR},
    "FP-5.3": {"FP-5.3": Status.ERROR, "FP-3.10": Status.UNKNOWN},
    "FP-5.4": {"FP-5.4": Status.ERROR},
    "FP-5.10": {"FP-5.10": Status.ERROR},
    "FP-6.1": {"FP-6.1": Status.ERROR},
    "FP-6.3": {"FP-6.3": Status.ERROR},
    "FP-6.12": {"FP-6.12": Status.ERROR},
}
"""The fault-by-check matrix: with the fault of the row, these points are not OK, and every other is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """`faulty` by the id of the point whose fault was in the bench; recorded in that order, `healthy` before all."""

    healthy: Snapshot
    faulty: Mapping[str, Snapshot]


def record(bench: Bench, ids: tuple[str, ...]) -> Recorded:
    """Look at `bench` while it is healthy, then once with each fault in it.

    Raises AssertionError where it does not become healthy again between two faults.
    """
    healthy = _well(bench)
    faulty = {}
    for point_id in ids:
        point = built()[point_id]
        with inject(point.name, bench):
            await_status(bench, point, Status.ERROR)
            faulty[point_id] = bench.observe()
        _well(bench)
    return Recorded(healthy=healthy, faulty=faulty)


def _well(bench: Bench) -> Snapshot:
    """A snapshot on which no point has anything to say, of a bot that has fetched rows since.

    A poll that the last fault refused may be on its way still, and is logged before the next one begins.
    """
    since_s = bench.clock.now()

    looks: list[Snapshot] = []

    def well() -> bool:
        looks.append(bench.observe())
        fetched_s = looks[-1].files[File.FLOW_CACHE].value.updated_at_s
        fetched = fetched_s is not None and fetched_s > since_s
        return fetched and all(judge(point, looks[-1]).status is Status.OK for point in built().values())

    assert bench.wait(well, WELL_WITHIN_S), "the bench is not healthy between two faults"
    return looks[-1]
