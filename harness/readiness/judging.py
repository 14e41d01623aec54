"""Judging a bench: one look, and the word of every built point that concerns the bot's desks."""

from __future__ import annotations

from harness.catalogue import built
from harness.deployment import Deployment
from harness.failure_point import FailurePoint, Judged, judge
from harness.lab.bench import Bench
from harness.vocabulary import Status

SEEN_WITHIN_S = 5.0
"""What a bot writes at the lab's pace shows within cycles; a loaded machine gets this long."""


def points_of(deployment: Deployment) -> tuple[FailurePoint, ...]:
    """The built points that concern the desks of this bot."""
    return tuple(p for p in built().values() if deployment.runs(p.sheet.desk))


def judge_all(made: Bench) -> tuple[Judged, ...]:
    """Every point of the bench's bot, judged on one snapshot."""
    snapshot = made.observe()
    return tuple(judge(point, snapshot) for point in points_of(made.deployment))


def await_status(made: Bench, point: FailurePoint, status: Status, within_s: float = SEEN_WITHIN_S) -> Judged:
    """Look until `point` says `status`, at most `within_s`; its last word either way."""
    last: list[Judged] = []

    def says_so() -> bool:
        last[:] = [judge(point, made.observe())]
        return last[0].status is status

    made.wait(says_so, within_s)
    return last[0]
