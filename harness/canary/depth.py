"""Which depth shows what a failure point does to a signal."""

from __future__ import annotations

from harness.failure_point import FailurePoint
from harness.lab.bench import Bench
from harness.vocabulary import Blocks, Depth, Stage


def depth_that_shows(point: FailurePoint, bench: Bench) -> Depth:
    """A forked canary is no evidence about the running loop; for everything else the traced cycle says more.

    A point that blocks nothing stops no loop, and its signal trades: in a fork that leaves no position behind.
    """
    if point.sheet.stage is Stage.LOOP and point.sheet.blocks is not Blocks.NONE:
        return Depth.PROCESS
    return depth_that_decides(bench)


def depth_that_decides(bench: Bench) -> Depth:
    """The deepest traced way into this bot: its own cycle, else its decide function."""
    return Depth.CYCLE if bench.deployment.toml.canary.cycle else Depth.DECIDE
