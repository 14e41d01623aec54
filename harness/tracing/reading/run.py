"""A record made walkable: who called whom, and which signal each event is about."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Site = dict[str, Any]


class ScopeKey(NamedTuple):
    """One turn of a signal's loop, or (loop -1) one whole call of a function."""

    act: int
    loop: int
    turn: int


NOWHERE = ScopeKey(0, -1, 0)


@dataclass(slots=True, kw_only=True)
class Activation:
    """One call of a traced function. Lambdas have negative numbers and one event."""

    number: int
    fn: int
    parent: int
    index: int
    signal: str = ""
    bound: bool = False
    inherited: str = ""
    held: list[list[str]] = field(default_factory=list)
    events: list[int] = field(default_factory=list)
    children: list[int] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Event:
    """One event with all that the walk found out about it."""

    index: int
    site: int
    kind: str
    act: int
    data: list[Any]
    place: int = 0
    """Its number among the events of its activation."""
    signal: str = ""
    scope: ScopeKey = NOWHERE


_LEAVES = ("ret", "end", "failed")


class Run:
    """A record, read once from the first event to the last."""

    def __init__(self, record: dict[str, Any]) -> None:
        self.record = record
        self.sites: dict[int, Site] = {int(number): site for number, site in record["sites"].items()}
        self.events: list[Event] = []
        self.acts: dict[int, Activation] = {}
        self.signals: list[str] = list(record["signals"])
        self.carriers = frozenset(record["carriers"])
        self.signal_loops: set[int] = set()
        self.starts: dict[tuple[int, int], list[str] | None] = {}
        """What each loop was last given, by activation and loop: the signals in it, or None where it cannot be told."""
        self.binds: dict[tuple[int, str], list[Site]] = defaultdict(list)
        for site in self.sites.values():
            if site["k"] == "bind":
                self.binds[site["fn"], site["name"]].append(site)
        self._sites: dict[tuple[int, int], list[int]] = defaultdict(list)
        self._sets: dict[tuple[int, str], list[int]] = defaultdict(list)
        self._stacks: dict[int, list[int]] = defaultdict(list)
        self._thread: dict[int, int] = {}
        self._turn: dict[tuple[int, int], int] = defaultdict(int)
        self._label: dict[tuple[int, int], tuple[str, bool]] = {}
        self._around: dict[int, tuple[int, ...]] = {}
        for raw in record["events"]:
            self._take(raw)

    def function(self, act: int) -> Site:
        """The site of the function that an activation runs."""
        return self.sites[self.acts[act].fn]

    def site(self, event: Event) -> Site:
        """The site of an event."""
        return self.sites.get(event.site, {})

    def before(self, event: Event) -> Iterator[Event]:
        """The earlier events of the same activation, the nearest first."""
        own = self.acts[event.act].events
        return (self.events[own[place]] for place in range(event.place - 1, -1, -1))

    def after(self, event: Event) -> Iterator[Event]:
        """The later events of the same activation, in order."""
        own = self.acts[event.act].events
        return (self.events[own[place]] for place in range(event.place + 1, len(own)))

    def spoken(self, event: Event, outcome: int) -> str:
        """The name that a branch, or a handler (outcome 1), gave itself when it ran; empty where it gave none."""
        step = [event.site, outcome]
        for other in self.after(event):
            if step not in self.site(other).get("under", []):
                return ""
            if other.kind == "label":
                return str(other.data[0])
        return ""

    def last_at(self, act: int, site: int, before: int) -> Event | None:
        """The last event of a site in an activation, before an index."""
        return self._last(self._sites.get((act, site), []), before)

    def last_set(self, act: int, name: str, before: int) -> Event | None:
        """The last flag or boolean that was given a name in an activation, before an index."""
        return self._last(self._sets.get((act, name), []), before)

    def last_of(self, act: int, before: int) -> Event | None:
        """The last event of an activation before an index."""
        return self._last(self.acts[act].events, before)

    def _last(self, indexes: list[int], before: int) -> Event | None:
        at = bisect_left(indexes, before)
        return self.events[indexes[at - 1]] if at else None

    def children(self, act: int, after: int, before: int) -> list[int]:
        """The activations that one called between two indexes, in order."""
        found = self.acts[act].children
        low = bisect_right(found, after, key=lambda child: self.acts[child].index)
        high = bisect_left(found, before, key=lambda child: self.acts[child].index)
        return found[low:high]

    def of(self, act: int) -> list[Event]:
        """The events of one activation, in order."""
        return [self.events[index] for index in self.acts[act].events]

    def _take(self, raw: list[Any]) -> None:
        number, act, data = raw[0], raw[1], raw[2:]
        kind = self.sites[number]["k"] if number >= 0 else "failed"
        event = Event(index=len(self.events), site=number, kind=kind, act=act, data=data)
        self.events.append(event)
        if kind == "fn":
            self._enter(event)
        elif kind == "lambda":
            self._lambda(event)
        elif act not in self.acts or self._not_taken(number, act):
            self.events.pop()
            return
        else:
            self._move(event)
        loop = self._signal_loop(number, event.act)
        event.signal = self._signal_of(event.act, loop)
        event.scope = ScopeKey(event.act, loop, self._turn[event.act, loop] if loop >= 0 else 0)
        own = self.acts[event.act].events
        event.place = len(own)
        own.append(event.index)
        self._sites[event.act, event.site].append(event.index)
        if kind in ("cond", "flag") and "name" in self.sites[number]:
            self._sets[event.act, self.sites[number]["name"]].append(event.index)

    def _not_taken(self, number: int, act: int) -> bool:
        """Whether an action stands on the other way of a ternary than the one that was taken."""
        taken = self.sites[number].get("taken") if number >= 0 else None
        asked = self.last_at(act, taken[0], len(self.events)) if taken else None
        return asked is not None and taken is not None and int(asked.data[0]) != taken[1]

    def _enter(self, event: Event) -> None:
        thread, signal, held = event.data[0]
        stack = self._stacks[thread]
        parent = stack[-1] if stack else 0
        self._add(event, parent, signal, held)
        self._thread[event.act] = thread
        stack.append(event.act)

    def _lambda(self, event: Event) -> None:
        thread, signal = event.data[-1]
        stack = self._stacks[thread]
        event.act = -event.index - 1
        self._add(event, stack[-1] if stack else 0, signal, [])

    def _add(self, event: Event, parent: int, signal: str, held: list[list[str]]) -> None:
        fn = event.site if event.kind == "fn" else self.sites[event.site]["fn"]
        act = Activation(number=event.act, fn=fn, parent=parent, index=event.index, signal=signal, held=held)
        self.acts[event.act] = act
        if parent:
            self.acts[parent].children.append(event.act)
            last = self.acts[parent].events
            act.inherited = self.signal_at(self.events[last[-1]].site, parent) if last else self.acts[parent].signal

    def _move(self, event: Event) -> None:
        """Keep the stack and the labels of loops as the event leaves them."""
        stack = self._stacks[self._thread[event.act]]
        if event.act in stack:
            del stack[stack.index(event.act) + 1 :]
        else:
            stack.append(event.act)
        if event.kind in _LEAVES or event.kind == "yield":
            stack.pop()
        if event.kind in ("loop", "comp"):
            self._turned(event)
        elif event.kind in ("bind", "step") and len(event.data) == 2 and event.data[0]:
            self._bound(event)

    def _turned(self, event: Event) -> None:
        key = (event.act, event.site)
        if event.data[0] is None:
            self._label[key] = ("", False)
            self.starts[key] = event.data[1]
            return
        self._turn[key] += 1
        self._label[key] = ("", False)
        label = event.data[1]
        if label and label != self.signal_at(event.site, event.act):
            self._label[key] = (label, False)
            self.signal_loops.add(event.site)

    def _bound(self, event: Event) -> None:
        loops = self.sites[event.site]["loops"]
        act = self.acts[event.act]
        if not loops:
            if not act.signal or act.bound:
                act.signal, act.bound = event.data[0], True
            return
        key = (event.act, loops[-1])
        label, was_bound = self._label.get(key, ("", True))
        if not label or was_bound:
            if self.sites[loops[-1]].get("form") == "while":
                self._turn[key] += 1
            self._label[key] = (event.data[0], True)
            self.signal_loops.add(loops[-1])

    def signal_at(self, site: int, act: int) -> str:
        """Which signal the place is about now: the innermost loop's, the call's own, or the caller's."""
        return self._signal_of(act, self._signal_loop(site, act))

    def _signal_of(self, act: int, loop: int) -> str:
        if loop >= 0:
            return self._label[act, loop][0]
        return self.acts[act].signal or self.acts[act].inherited

    def _signal_loop(self, site: int, act: int) -> int:
        """The innermost loop around the place whose turns are each about a signal; -1: none is."""
        if site not in self._around:
            self._around[site] = _loops_around(site, self.sites.get(site, {}))
        for loop in self._around[site]:
            if self._label.get((act, loop), ("", False))[0]:
                return loop
        return -1


def _loops_around(number: int, site: Site) -> tuple[int, ...]:
    """The loops in which a place stands, the innermost first. The question of a `while` stands outside its loop."""
    loops = list(site.get("loops", ()))
    if site.get("k") in ("loop", "comp"):
        loops.append(number)
    if site.get("form") == "while" and site["k"] == "cond":
        loops.pop()
    return tuple(reversed(loops))
