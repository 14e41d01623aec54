"""Exceptions on the path: gates that crashed, that fired without blocking, that failed open; what was swallowed."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from harness.tracing.reading.drafts import Draft, draft_of
from harness.tracing.reading.flights import Flight, flights_of
from harness.tracing.reading.gates import Gates
from harness.tracing.reading.handlers import handler_draft, left_by, named, said, swallowed_by
from harness.tracing.reading.leaf import Leaf
from harness.tracing.reading.run import Event, Run
from harness.vocabulary import GateVerdict, Swallowed

_ENDS = ("GeneratorExit", "CancelledError")
"""How a generator or a task is told to end: the one who tells it so has the reason."""


class Errors:
    """Reads what exceptions did to the signals of one run."""

    def __init__(self, gates: Gates) -> None:
        self.gates = gates
        self.run: Run = gates.run
        self.flights = flights_of(gates.run)
        for flight in self.flights:
            if flight.error["kind"] not in _ENDS or flight.error["kind"] == (gates.run.record["error"] or {}).get(
                "kind"
            ):
                self._judge(flight)
        self._failed_open()

    def swallowed(self) -> tuple[Swallowed, ...]:
        """Exceptions that a handler took and did not pass on."""
        found: list[Swallowed] = []
        for flight in self.flights:
            handler = flight.handler
            if handler is None or self.run.site(handler)["exits"][0] == "raise":
                continue
            function = self.run.sites[self.run.site(handler)["fn"]]
            error = flight.error
            found.append(
                Swallowed(
                    kind=error["kind"],
                    message=error["http"] or error["message"],
                    raised_at=f"{error['at'][0]}:{error['at'][1]}",
                    handled_at=f"{function['file']}:{self.run.site(handler)['line']}",
                )
            )
        return tuple(found)

    def _judge(self, flight: Flight) -> None:
        first = flight.first
        before = self._previous(first)
        explicit = before is not None and (_raises(self.run.site(before)) or _asserted(self.run.site(before), flight))
        ended = self._fate(flight)
        if explicit and before is not None:
            self._explicit(flight, before, ended)
            return
        fired = self._fired(first)
        if fired is not None:
            fired.raised = True
            fired.verdict = GateVerdict.CRASHED if ended else GateVerdict.FIRED_NOT_BLOCKED
            fired.why = fired.why or self._said(flight)
            if ended:
                fired.exit = ended
            return
        self._crash(flight, ended)

    def _previous(self, event: Event) -> Event | None:
        return next(self.run.before(event), None)

    def _taken_by(self, flight: Flight) -> Event | None:
        """The handler that did not pass the exception on, nor turned it into another that nobody took."""
        for _ in range(10):
            handler = flight.handler
            if handler is None or left_by(self.run, handler) != "raise":
                return handler
            follower = self._follower(handler)
            if follower is None:
                return None
            flight = follower
        return None

    def _gate_of(self, flight: Flight) -> Draft | None:
        """The gate that the handler is which ended the path."""
        handler = self._taken_by(flight)
        return self.gates.drafts.get(handler.index) if handler is not None else None

    def _fate(self, flight: Flight) -> str:
        """How the path ended: `raise` where nobody took the exception, the handler's exit; empty where it went on.

        A callee's handler that returns ends nothing by itself: its caller judges the answer.
        """
        handler = self._taken_by(flight)
        if handler is None:
            return "raise"
        gate = self._gate_of(flight)
        if gate is not None:
            return gate.exit
        ended = left_by(self.run, handler)
        return "answer" if ended == "return" and self._answers(handler) else ended

    def _follower(self, handler: Event) -> Flight | None:
        """The exception that a handler raised instead, itself or in what it called."""
        act, after = handler.act, handler.index
        return next((f for f in self.flights if any(e.act == act and e.index > after for e in f.seen)), None)

    def _said(self, flight: Flight) -> str:
        at = flight.error["at"]
        return f"{named(flight.first)}, raised at {at[0]}:{at[1]}"

    def _fired(self, first: Event) -> Draft | None:
        """The gate whose branch was entered last, if the exception came out of that branch."""
        for event in self.run.before(first):
            if event.kind in ("exit", "ret"):
                return None
            draft = self.gates.drafts.get(event.index)
            if draft is not None and draft.act == first.act and event.kind in ("cond", "match"):
                return draft if draft.verdict is GateVerdict.BLOCKED and draft.raised else None
        return None

    def _explicit(self, flight: Flight, exit_event: Event, ended: str) -> None:
        """`raise Denied(...)`: its condition is the gate; a raise under no condition is one itself."""
        under = self.run.site(exit_event)["under"]
        number = under[-1][0] if under else -1
        asserted = exit_event.kind == "cond"
        guard = exit_event if asserted else self.run.last_at(exit_event.act, number, exit_event.index)
        gate = self._gate_of(flight)
        if guard is not None and guard.kind in ("cond", "match"):
            if ended == "answer" and not guard.signal:
                return
            draft = self.gates.drafts.get(guard.index)
            if draft is None or draft.verdict is GateVerdict.PASSED:
                draft = draft_of(self.run, guard, GateVerdict.BLOCKED)
                self.gates.drafts[guard.index] = draft
                self.gates.explain(guard, draft)
            draft.exit = "raise"
            if not ended:
                draft.verdict = GateVerdict.FIRED_NOT_BLOCKED
                draft.why = draft.why or self._said(flight)
            if gate is not None:
                self._follow(draft, gate, weak=self._weak(guard))
        elif guard is not None and guard.kind == "handler" and gate is not None:
            draft = self.gates.drafts[guard.index] = handler_draft(self.run, guard, "raise")
            draft.signal, draft.rank = draft.signal or gate.signal, gate.rank
            self._follow(draft, gate, weak=self._weak(guard))
        elif ended and not under and gate is None:
            self._add(flight, self.run.site(exit_event)["line"], ended)

    def _weak(self, guard: Event) -> bool:
        """Whether the branch's own words are only second best."""
        weak = self.run.site(guard).get("weak", False)
        return bool(weak if isinstance(weak, bool) else weak[int(guard.data[0])])

    def _follow(self, draft: Draft, gate: Draft, *, weak: bool) -> None:
        """What was raised is known by the name under which the handler that took it wrote it down."""
        draft.follows = gate.index
        if self.run.events[gate.index].data[0]["http"]:
            draft.why = draft.why or gate.why
        if not draft.label or weak:
            draft.label = gate.label or draft.label

    def _crash(self, flight: Flight, ended: str) -> None:
        """An exception that nobody raised on purpose in the traced code: a handler that ended the path is its gate."""
        way = flight.first.data[0]["way"]
        line = way[0][1] if way else 0
        if self._taken_by(flight) is not None and ended:
            return
        site = self._condition_at(flight.first, line)
        if site is not None:
            verdict = GateVerdict.CRASHED if ended else GateVerdict.FAILED_OPEN
            self._add(
                flight,
                line,
                ended,
                condition=site["text"],
                verdict=verdict,
                label=next(iter(filter(None, site["labels"])), ""),
            )
        elif ended:
            self._add(flight, line, ended)

    def _condition_at(self, first: Event, line: int) -> dict[str, Any] | None:
        """The condition of this function that stands on the line and was not evaluated to its end."""
        fn = self.run.acts[first.act].fn
        for site in self.run.sites.values():
            if site.get("fn") == fn and site["k"] == "cond" and site["line"] <= line <= site["end"]:
                return site if site["form"] in ("if", "while", "assert") else None
        return None

    def _add(
        self,
        flight: Flight,
        line: int,
        ended: str,
        *,
        condition: str = "",
        verdict: GateVerdict = GateVerdict.CRASHED,
        label: str = "",
    ) -> None:
        if ended == "answer":
            return
        first, error = flight.first, flight.error
        function = self.run.function(first.act)
        text = said(first)
        draft = Draft(
            index=first.index,
            act=first.act,
            signal=first.signal,
            function=function["qualname"],
            file=function["file"],
            line=line,
            condition=condition or text,
            verdict=verdict,
            leaf=Leaf(value=text, needs=f"no {error['kind']} at line {line}"),
            label=label or (self.run.site(flight.handler)["label"] if flight.handler is not None else ""),
            exit=ended,
            why=self._said(flight),
        )
        self.gates.drafts[first.index] = draft

    def _answers(self, handler: Event) -> bool:
        """Whether a handler stands in a callee whose answer the caller judges."""
        return not self.gates.is_root(handler.act) and self.gates.reach_of(handler.scope).rank <= 1

    def _failed_open(self) -> None:
        """Gates that passed on a default which a handler, or a callee with such a handler, had put in place."""
        handlers: dict[int, list[Event]] = defaultdict(list)
        for flight in self.flights:
            handler = flight.handler
            if handler is not None and left_by(self.run, handler) in ("", "return"):
                handlers[handler.act].append(handler)
        if not handlers:
            return
        for draft in list(self.gates.drafts.values()):
            if draft.verdict is not GateVerdict.PASSED:
                continue
            event = self.run.events[draft.index]
            found = self._default_below(event, draft, handlers)
            if found is not None:
                draft.verdict = GateVerdict.FAILED_OPEN
                draft.why = swallowed_by(self.run, found)

    def _default_below(self, event: Event, draft: Draft, handlers: dict[int, list[Event]]) -> Event | None:
        names = set(draft.leaf.names)
        own = [h for h in handlers.get(event.act, []) if h.index < event.index and h.scope == event.scope]
        for handler in reversed(own):
            if names & set(self.run.site(handler)["assigned"]):
                return handler
        cause = self.gates.causes.of(event, draft.leaf)
        swallowed = cause.swallowed
        if swallowed is not None and swallowed in handlers.get(swallowed.act, []):
            return swallowed
        return None


def _raises(site: dict[str, Any]) -> bool:
    return site.get("k") == "exit" and site["exit"] == "raise"


def _asserted(site: dict[str, Any], flight: Flight) -> bool:
    """Whether an exception came out of the assertion at this site."""
    way = flight.first.data[0]["way"]
    return site.get("form") == "assert" and bool(way) and site["line"] <= way[0][1] <= site["end"]
