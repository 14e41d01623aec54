"""Exceptions on their way up: which events of a run saw the same one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from harness.tracing.reading.run import Event, Run

Raised = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Flight:
    """One exception on its way up: the events that saw it, the innermost first."""

    error: Raised
    seen: list[Event] = field(default_factory=list)

    @property
    def first(self) -> Event:
        """The innermost traced function's own sight of it; a context manager's generator has its own one before."""
        return min(self.seen, key=lambda event: len(event.data[0]["way"]))

    @property
    def handler(self) -> Event | None:
        """The handler that ended it; None when it left the traced code."""
        last = self.seen[-1]
        return last if last.kind == "handler" else None


def flights_of(run: Run) -> list[Flight]:
    """Every exception that a traced function saw, in the order in which they were first seen."""
    flights: list[Flight] = []
    flying: dict[tuple[Any, ...], Flight] = {}
    for event in run.events:
        if event.kind not in ("handler", "failed"):
            continue
        error = event.data[0]
        key = (error["id"], error["kind"], error["message"], *error["at"])
        flight = flying.get(key)
        if flight is None or not _same(run, flight.seen[-1], event):
            flight = flying[key] = Flight(error=error)
            flights.append(flight)
        flight.seen.append(event)
    return flights


def _same(run: Run, before: Event, now: Event) -> bool:
    """Whether a second sight is of the same exception: it came up a call, or out of the handler that had it.

    A number of a freed exception is used again, so equal marks alone do not tell.
    """
    if before.kind == "failed":
        return before.act != now.act
    step = [before.site, 1]
    for event in run.after(before):
        if event.index >= now.index:
            break
        if step not in run.site(event).get("under", []):
            return False
    return before.act == now.act
