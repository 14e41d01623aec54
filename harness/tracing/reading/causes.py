"""Causes below a gate: `if not ok` was decided where `ok` came from, in a callee, a flag or a boolean set before."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from harness.tracing.reading.drafts import leaf_of, outcome_of
from harness.tracing.reading.handlers import answers_from
from harness.tracing.reading.leaf import Leaf
from harness.tracing.reading.run import Event, Run

_CONDITIONS = ("cond", "match", "lambda")
_DEPTH = 8
_BY_NAME = re.compile(r"(?:await )?\w+\(")
_OTHER = re.compile(r"(\w+)(?: if |\[|\.\w+$|$)")


@dataclass(slots=True, kw_only=True)
class Cause:
    """Why a name or a call had its value: a deciding condition's event, and an exception swallowed on the way."""

    event: Event | None = None
    swallowed: Event | None = None
    via: tuple[Event, ...] = ()
    """The conditions between, the nearest to the cause first: each only asked for what the next one found."""
    constant: bool = False
    """The callee in between answered with a constant: 0, None, False."""


class Causes:
    """Looks for causes in one run."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def of(self, event: Event, leaf: Leaf, depth: int = 0) -> Cause:
        """What decided the operands of a condition's leaf."""
        if depth > _DEPTH:
            return Cause()
        children = self._run.children(event.act, self._before(event), event.index)
        inner = self._guard(event) if event.kind == "match" else self._element(event, leaf)
        if inner is not None:
            return self._condition(inner, depth)
        named = [child for child in children if self._name(child) in leaf.calls]
        chosen = named or (children if leaf.by_name else [])
        if chosen:
            found = self._answer(chosen[-1], depth)
            if found.event is not None or found.swallowed is not None:
                return found
        for name in leaf.plain if leaf.ordered else leaf.names:
            found = self._name_cause(event, name, depth, sure=name in leaf.plain)
            if found.event is not None or found.swallowed is not None:
                return found
        told = next(filter(None, (self._member(event, name, leaf) for name in leaf.names)), None)
        if told is not None and not leaf.ordered:
            return self._condition(told, depth)
        return self._awaited(event, depth) if "result" in leaf.calls and leaf.value == "False" else Cause()

    def _member(self, event: Event, name: str, leaf: Leaf) -> Event | None:
        """The first comparison that was as it was found, in a list or dict of that name, or of a loop that binds it."""
        names = {name}
        for number in self._run.site(event).get("loops", ()):
            loop = self._run.sites[number]
            if name in loop.get("targets", ()):
                names |= {loop["over"].partition(".")[0]}
        found = None
        for other in self._run.before(event):
            site = self._run.site(other)
            if site.get("form") == "member" and site["of"] in names and other.data[0] is leaf.truth:
                found = other
            elif found is not None and site.get("form") != "member":
                return found
        return found

    def _awaited(self, event: Event, depth: int) -> Cause:
        """`task.result()`: the first call about the same signal, in whatever task or thread, that answered no."""
        for act in self._run.acts.values():
            if not event.signal or act.signal != event.signal or act.index > event.index or act.number == event.act:
                continue
            last = next((one for one in reversed(self._run.of(act.number)) if one.kind == "ret"), None)
            if last is not None and last.index < event.index and last.data and last.data[0] is False:
                return self._answer(act.number, depth + 1)
        return Cause()

    def _element(self, event: Event, leaf: Leaf) -> Event | None:
        """`any(...)` and `all(...)` are decided by their last element; by the first of a list that was written out."""
        if not {"any", "all"} & set(leaf.calls):
            return None
        first = None
        for other in self._run.before(event):
            site = self._run.site(other)
            if other.kind == "cond" and site.get("form") == "element":
                if not site.get("written"):
                    return first or other
                first = other if first is None or other.data[0] is leaf.truth else first
            elif first is not None or other.kind not in ("comp", "cond"):
                return first
        return first

    def _guard(self, event: Event) -> Event | None:
        """The first guard of an earlier case of a match that said no."""
        said = None
        for other in self._run.before(event):
            under = self._run.site(other).get("under", [])
            if not under or under[-1][0] != event.site or self._run.site(other).get("form") != "guard":
                return said
            said = other if other.data[0] is False else said
        return said

    def _condition(self, event: Event, depth: int) -> Cause:
        """A condition is its own cause unless something below it decided."""
        leaf = leaf_of(self._run, event)
        if leaf.ordered:
            return Cause(event=event)
        below = self.of(event, leaf, depth + 1)
        if below.event is None or below.event.index == event.index:
            return Cause(event=event, swallowed=below.swallowed)
        return Cause(event=below.event, swallowed=below.swallowed, via=(*below.via, event))

    def _before(self, event: Event) -> int:
        """The index of the activation's last event before this one that is not part of the same statement."""
        for other in self._run.before(event):
            form = self._run.site(other).get("form")
            if other.kind != "comp" and form not in ("filter", "element", "ternary", "argument", "member"):
                return other.index
        return -1

    def _name(self, act: int) -> str:
        return str(self._run.function(act)["name"])

    def _name_cause(self, event: Event, name: str, depth: int, *, sure: bool = True) -> Cause:
        """What set a name last before this event, in the same call: a flag, a boolean, or a call's answer.

        `sure`: the name itself is asked for, not something in what it holds.
        """
        found = self._run.last_set(event.act, name, event.index)
        line = self._run.site(event).get("line", 0)
        if found is not None and found.scope != event.scope and self._assigned(event, name, 0, line, same_turn=True):
            found = None  # what an earlier turn set was assigned anew in this one
        since = self._run.site(found)["line"] if found is not None else 0
        bound = self._assigned(event, name, since, line)
        if bound is not None:
            return self._bound(event, bound, found.index if found is not None else -1, depth, sure=sure)
        if found is None:
            return self._given(event, name, depth)
        if found.kind == "cond":
            return self._condition(found, depth) if self._settles(found) else Cause()
        return self._branch(found, depth)

    def _settles(self, event: Event) -> bool:
        """Whether the answer was the condition's own: of `int(cash / px) if px else 0` only the 0 is."""
        return bool(self._run.site(event).get("answers", [True, True])[outcome_of(event)])

    def _given(self, event: Event, name: str, depth: int) -> Cause:
        """A parameter: the comparison that the caller gave for it."""
        act = self._run.acts[event.act]
        function = self._run.sites[act.fn]
        called = act.parent and name in function.get("params", ())
        asked = self._run.last_of(act.parent, act.index) if called else None
        while asked is not None and self._run.site(asked).get("form") == "argument":
            site = self._run.site(asked)
            if site["callee"] == function["name"] and site["place"] in (name, function["params"].index(name)):
                return self._condition(asked, depth + 1)
            asked = next(self._run.before(asked), None)
        return Cause()

    def _assigned(
        self, event: Event, name: str, since: int, until: int, *, same_turn: bool = False
    ) -> dict[str, Any] | None:
        """The last assignment of a call's answer to a name that stands between two lines of the same function."""
        fn = self._run.acts[event.act].fn
        sites = [site for site in self._run.binds.get((fn, name), []) if since < site["line"] <= until]
        if same_turn:
            loops, under = self._run.site(event).get("loops"), self._run.site(event).get("under")
            sites = [site for site in sites if site["loops"] == loops and site["under"] == under]
        return max(sites, key=lambda site: int(site["line"]), default=None)

    def _bound(self, event: Event, site: dict[str, Any], after: int, depth: int, *, sure: bool) -> Cause:
        children = self._run.children(event.act, after, event.index)
        children = [c for c in children if self._run.events[self._run.acts[c].index].kind in ("fn", "lambda")]
        named = [child for child in children if self._name(child) + "(" in site["text"]]
        if not named and sure and _BY_NAME.match(site["text"]):
            named = children
        if not named:
            return self._passed_on(event, site, depth) if sure else Cause()
        if not sure and self._gave_signal(named[-1]):
            return Cause()
        return self._answer(named[-1], depth)

    def _passed_on(self, event: Event, site: dict[str, Any], depth: int) -> Cause:
        """A name that was taken out of another one, or a list of those that a filter kept."""
        kept = self._kept(event, site["line"])
        if kept is not None:
            return self._condition(kept, depth + 1)
        other = _OTHER.match(site["text"])
        if other is None or other[1] == site["name"]:
            return Cause()
        before = self._assigned(event, other[1], 0, site["line"] - 1)
        return Cause() if before is None else self._bound(event, before, -1, depth, sure=True)

    def _kept(self, event: Event, line: int) -> Event | None:
        """The first that the filter on a line kept when it was asked last."""
        kept = None
        for other in self._run.before(event):
            site = self._run.site(other)
            if site.get("form") == "filter" and site["line"] == line:
                kept = other if other.data[0] is True else kept
            elif other.kind == "comp" and site["line"] == line and other.data[0] is None:
                break
        return kept

    def _gave_signal(self, act: int) -> bool:
        """Whether a call answered with a signal, so that what is asked is the signal's own."""
        last = next((event for event in reversed(self._run.of(act)) if event.kind == "ret"), None)
        return last is not None and bool(last.data) and bool(last.data[-1][2])

    def _branch(self, event: Event, depth: int) -> Cause:
        """The condition around a flag or a return, and the exception that led into its handler."""
        under = self._run.site(event).get("under", [])
        for number, _ in reversed(under):
            other = self._run.last_at(event.act, number, event.index)
            if other is not None:
                if other.kind != "handler":
                    return self._condition(other, depth)
                return Cause(swallowed=other)
        return Cause()

    def _answer(self, act: int, depth: int) -> Cause:
        """Why a callee answered as it did."""
        run = self._run
        events = run.of(act)
        swallowed = next((event for event in events if event.kind == "handler"), None)
        last = next((event for event in reversed(events) if event.kind in ("ret", "lambda", "end", "failed")), None)
        if last is None or depth > _DEPTH:
            return Cause(swallowed=swallowed)
        found = self._of_return(last, depth)
        return replace(found, swallowed=found.swallowed or swallowed, constant=not last.data)

    def _of_return(self, last: Event, depth: int) -> Cause:
        site = self._run.site(last)
        if last.kind == "lambda" or site.get("decides"):
            return self._condition(last, depth)
        if last.kind == "failed":
            return self._last_condition(last, depth)
        handler = answers_from(self._run, last) if site.get("pol", -1) else None
        if handler is not None:
            return Cause(event=handler, swallowed=handler)
        inner = self._inside(last)
        if inner is not None:
            return self._condition(inner, depth)
        found = self._branch(last, depth)
        if found.event is not None or found.swallowed is not None:
            return found
        children = self._run.children(last.act, self._before(last), last.index)
        if children and "(" in site.get("text", ""):
            return self._answer(children[-1], depth + 1)
        for name in _names(site.get("text", "")):
            named = self._name_cause(last, name, depth + 1)
            if named.event is not None or named.swallowed is not None:
                return named
        return self._last_condition(last, depth)

    def _inside(self, last: Event) -> Event | None:
        """The ternary that chose what is returned, or a comparison that is part of it: `Verdict(score >= 3.0)`."""
        line, end = self._run.site(last).get("line", 0), self._run.site(last).get("end", 0)
        for event in self._run.before(last):
            site = self._run.site(event)
            if site.get("form") == "ternary" and site["line"] == line and self._settles(event):
                return event
            if site.get("form") == "argument" and line <= site["line"] <= end and event.data[0] is False:
                return event
        return None

    def _last_condition(self, last: Event, depth: int) -> Cause:
        for event in self._run.before(last):
            form = self._run.site(event).get("form")
            if form == "filter" and event.data[0] is False:
                continue
            if event.kind in _CONDITIONS and form not in ("value", "ternary", "argument", "member"):
                return self._condition(event, depth)
        return Cause()


def _names(text: str) -> list[str]:
    cleaned = "".join(char if char.isalnum() or char == "_" else " " for char in text)
    return [word for word in cleaned.split() if word.isidentifier()]
