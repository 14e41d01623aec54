"""One warm bench for many drills: handed out as long as it is as new, and replaced when it is not."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType

from harness.deployment import Deployment
from harness.drill.steps import not_ok
from harness.lab.bench import Bench, bench
from harness.lab.ports import Wire

HEALTHY_WITHIN_S = 10.0


class BenchInStock:
    """A bench of `deployment` from its declared defaults. Whoever left it as it was hands it to the next; otherwise
    a new one is made, so that nobody can tell who was there before."""

    def __init__(self, deployment: Deployment, wire: Callable[[], Wire]) -> None:
        self._deployment = deployment
        self._wire = wire
        self._stack = ExitStack()
        self._made: Bench | None = None

    def __enter__(self) -> BenchInStock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def as_new(self) -> Bench:
        """A bench with every point OK, in an open session, and no order in its account. Raises what `bench` does.

        A new one that does not become healthy is handed out too: to say so is the caller's business.
        """
        if self._made is None or not _as_new(self._made):
            self.close()
            self._made = self._stack.enter_context(bench(self._deployment, wire=self._wire(), clean=True))
            healthy(self._made)
        return self._made

    def close(self) -> None:
        """Take the bench down, with its processes and files. A second call does nothing."""
        self._made = None
        self._stack.close()


def healthy(made: Bench, within_s: float = HEALTHY_WITHIN_S) -> bool:
    """Whether every point comes to say OK within the time."""
    return made.wait(lambda: not not_ok(made), within_s)


def _as_new(made: Bench) -> bool:
    if not healthy(made):
        return False
    venue = made.observe().venue
    if venue is None:
        return True
    # Drills move the clock on, and a session has an end: a half day ends early.
    return venue.session_open.seen and venue.session_open.value and not made.world.ledger(made.world.account)
