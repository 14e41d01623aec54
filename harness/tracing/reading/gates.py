"""The gates of a run: which conditions let a signal on, and which one ended it."""

from __future__ import annotations

import re

from harness.tracing.reading.causes import Cause, Causes
from harness.tracing.reading.drafts import Draft, draft_of, leaf_of, outcome_of
from harness.tracing.reading.handlers import around, handler_draft, left_by, raised_in, swallowed_by
from harness.tracing.reading.reach import Reach, reach
from harness.tracing.reading.run import Event, Run, ScopeKey
from harness.vocabulary import GateVerdict

_VERDICT_WORDS = ("None", "True", "False")


class Gates:
    """Walks the events once and drafts the gates; `sent` are the signals whose path came to its end."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.drafts: dict[int, Draft] = {}
        self.sent: dict[str, int] = {}
        """Signal -> index of the event at which its order call, or what stands for it, was done."""
        self.put_aside: dict[str, int] = {}
        self.serious: dict[str, int] = {}
        """Signal -> index of its last condition on the way to an order call."""
        self.causes = Causes(run)
        self._ended: set[ScopeKey] = set()
        self._ended_acts: set[int] = set()
        self._can_refuse = {
            site.get("fn")
            for site in run.sites.values()
            if site.get("pol", 0) < 0 or site.get("decides") or site.get("exit") == "raise"
        }
        self._asked: set[tuple[int, str]] = set()
        self._reaches: dict[tuple[int, int], Reach] = {}
        self.rank = self._run_rank()
        for event in run.events:
            if event.kind in ("cond", "match"):
                self._condition(event)
            elif event.kind == "act":
                self._acted(event)
            elif event.kind == "handler":
                self._handled(event)
            elif event.kind == "slice":
                self._sliced(event)

    def _run_rank(self) -> int:
        ranks = [rank for site in self.run.sites.values() if site["k"] == "fn" for _, rank in site["calls"]]
        named = any(site["k"] == "fn" and site["name"] in self.run.carriers for site in self.run.sites.values())
        return 3 if named else max(ranks, default=0)

    def reach_of(self, key: ScopeKey) -> Reach:
        """The reach of the scope in which an event stands."""
        fn = self.run.acts[key.act].fn
        loop = key.loop
        if (fn, loop) not in self._reaches:
            self._reaches[fn, loop] = reach(self.run, fn, loop)
        return self._reaches[fn, loop]

    def is_root(self, act: int) -> bool:
        """Whether an activation was called from outside the traced code."""
        return self.run.acts[act].parent == 0

    def _condition(self, event: Event) -> None:
        site = self.run.site(event)
        form = site.get("form", "match")
        if form == "filter":
            if event.signal and event.scope.loop == site["loops"][-1]:
                self._filtered(event)
            return
        if form in ("value", "element", "guard", "lambda", "argument", "member"):
            return
        if form == "while" and site["loops"][-1] in self.run.signal_loops:
            return
        found = self.reach_of(event.scope)
        if form == "ternary" and not found.decides(event.site):
            return
        if max((rank for _, rank in site["calls"]), default=0) == max(found.rank, 2):
            self._end(event)
            self._send(event)
        if event.scope in self._ended:
            return
        if found.rank >= 3:
            self.serious[event.signal] = event.index
        open_answer = found.rank <= 1 and event.scope.loop < 0 and not self.is_root(event.act)
        ways = found.outcomes.get(event.site, {})
        if open_answer:
            if (len(set(ways.values())) > 1 or any(site["exits"])) and self._is_new(event):
                self.drafts[event.index] = draft_of(self.run, event, GateVerdict.PASSED)
            return
        if len(set(ways.values())) < 2:
            return
        blocked = not ways.get(outcome_of(event), False)
        verdict = GateVerdict.BLOCKED if blocked else GateVerdict.PASSED
        draft = draft_of(self.run, event, verdict)
        draft.rank = found.rank
        self.drafts[event.index] = draft
        if blocked:
            draft.raised = self._branch_raised(event)
            self.explain(event, draft)
            for handler in around(self.run, event):
                self._ended_in(handler, found.rank)

    def _handled(self, event: Event) -> None:
        """A handler from which no end of the path can be reached, though one can where nothing is raised."""
        found = self.reach_of(event.scope)
        if event.scope in self._ended or raised_in(self.run, event).scope in self._ended:
            return
        if found.rank <= 1 and event.scope.loop < 0 and not self.is_root(event.act):
            return
        if found.decides(event.site) and not found.outcomes[event.site][1]:
            self._ended_in(event, found.rank)

    def _ended_in(self, handler: Event, rank: int) -> None:
        """The path ended in a handler; one that passes the exception on leaves that to the next."""
        if handler.index in self.drafts or left_by(self.run, handler) == "raise":
            return
        draft = self.drafts[handler.index] = handler_draft(self.run, handler)
        draft.rank = rank

    def _is_new(self, event: Event) -> bool:
        """Whether a callee that can say no is asked this for the first time about a signal."""
        fn = self.run.acts[event.act].fn
        key = (event.site, event.signal)
        if fn not in self._can_refuse or key in self._asked:
            return False
        self._asked.add(key)
        return True

    def _filtered(self, event: Event) -> None:
        blocked = not event.data[0]
        draft = draft_of(self.run, event, GateVerdict.BLOCKED if blocked else GateVerdict.PASSED)
        draft.rank = 2
        self.drafts[event.index] = draft
        if blocked:
            self.explain(event, draft)

    def _branch_raised(self, event: Event) -> bool:
        """Whether the branch that a condition led into was left by an exception before its exit."""
        step = [event.site, outcome_of(event)]
        site = self.run.site(event)
        if not site["exits"][min(step[1], len(site["exits"]) - 1)]:
            return False
        for other in self.run.after(event):
            if other.kind in ("exit", "ret") and step in self.run.site(other)["under"]:
                return False
            if other.kind in ("handler", "failed"):
                return site.get("form") != "assert"
            if other.kind == "handler" or (other.kind == "cond" and step not in self.run.site(other)["under"]):
                return False
        return False

    def explain(self, event: Event, draft: Draft) -> None:
        """Where a gate only asks for a verdict that was found elsewhere, the gate there is the blocker."""
        leaf = leaf_of(self.run, event)
        cause = self.causes.of(event, leaf)
        self.blame(draft, cause)
        if cause.event is None or cause.event.index == event.index:
            return
        found = cause.event
        origin = self.origin(found)
        asks = not leaf.ordered and (
            self._tells(event, found)
            or not leaf.limit
            or leaf.limit.strip("'\"") in _VERDICT_WORDS
            or _is_word(leaf.limit)
        )
        origin.blamed = True
        if not draft.why and (asks or cause.constant):
            draft.why = f"{origin.condition}, in {origin.function} ({origin.file}:{origin.line})"
        if asks:
            self._lay_open(draft, found, origin, cause)

    def _tells(self, event: Event, found: Event) -> bool:
        """Whether a match only took the case that a guard left it, or that a callee answered with."""
        return event.kind == "match" and (self.run.site(found).get("form") == "guard" or found.act != event.act)

    def origin(self, found: Event) -> Draft:
        """The gate that a cause is."""
        if found.kind == "handler":
            return handler_draft(self.run, found)
        return draft_of(self.run, found, GateVerdict.BLOCKED)

    def _lay_open(self, draft: Draft, found: Event, origin: Draft, cause: Cause) -> None:
        """Put the cause of a gate, and the conditions between, among the gates that blocked."""
        kind = draft.exit if found.act == draft.act else "return"
        label = origin.label or (self._reason(found) if found.act != draft.act else "")
        drafts = [origin, *(draft_of(self.run, via, GateVerdict.BLOCKED) for via in cause.via)]
        for event, between in zip((found, *cause.via), drafts, strict=True):
            between.blamed = True
            between.signal = draft.signal or between.signal
            between.exit = kind if between.exit in ("no else", "filter") else between.exit
            label = label or between.label
            self.drafts[event.index] = between
        origin.label = label or draft.label

    def _reason(self, event: Event) -> str:
        """The words with which a callee returned."""
        for other in self.run.after(event):
            if other.kind == "ret":
                return str(self.run.site(other)["label"])
        return ""

    def blame(self, draft: Draft, cause: Cause) -> None:
        """Name the exception that was swallowed below a gate."""
        if cause.swallowed is None:
            return
        draft.why = swallowed_by(self.run, cause.swallowed)
        # A handler that is a gate has its name to itself: the gate that asks for its answer stays as it was written.
        if cause.event is None or cause.event.kind != "handler":
            draft.label = draft.label or str(self.run.site(cause.swallowed)["label"])

    def _acted(self, event: Event) -> None:
        found = self.reach_of(event.scope)
        if event.site not in found.ends:
            return
        names = {name for name, _ in self.run.site(event)["calls"]}
        called = self._called(event)
        named = [c for c in called if self.run.function(c)["name"] in names]
        if (named and self._refused(named[-1])) or (called and not named and self._kept_back(called[-1], names)):
            return
        self._end(event)
        if found.rank >= 3:
            self._send(event)
        elif event.signal:
            self.put_aside.setdefault(event.signal, event.index)

    def _called(self, event: Event) -> list[int]:
        """The activations that the statement of an event called."""
        line = self.run.site(event)["line"]
        start = next((e for e in self.run.before(event) if self.run.site(e).get("line") != line), None)
        return self.run.children(event.act, start.index if start is not None else -1, event.index)

    def _kept_back(self, wrapper: int, names: set[str]) -> bool:
        """Whether what a decorator put in the place of a traced function came back without calling it."""
        if "<locals>" not in self.run.function(wrapper)["qualname"] or not names & self.run.carriers:
            return False
        waiting = [wrapper]
        while waiting:
            act = waiting.pop()
            if self.run.function(act)["name"] in names:
                return self._refused(act)
            waiting += self.run.acts[act].children
        return True

    def _refused(self, child: int) -> bool:
        """Whether a traced callee that would have sent the order did not."""
        inside = self.reach_of(ScopeKey(child, -1, 0))
        if inside.rank >= 3:
            return child not in self._ended_acts
        last = next((event for event in reversed(self.run.of(child)) if event.kind in ("ret", "failed")), None)
        if last is None:
            return False
        return last.kind == "failed" or self.run.site(last)["pol"] < 0 or (bool(last.data) and last.data[0] is False)

    def _end(self, event: Event) -> None:
        self._ended.add(event.scope)
        self._ended_acts.add(event.act)

    def _send(self, event: Event) -> None:
        """An order call was done: the path of the signal has come to its end in all callers too."""
        if event.signal:
            self.sent.setdefault(event.signal, event.index)
        act = self.run.acts[event.act].parent
        while act:
            last = self.run.last_of(act, event.index)
            if last is not None:
                self._end(last)
            act = self.run.acts[act].parent

    def _sliced(self, event: Event) -> None:
        before, after = event.data[1]
        site = self.run.site(event)
        for number, signal in enumerate(label for label in before if label not in after):
            draft = draft_of(self.run, event, GateVerdict.BLOCKED)
            draft.signal, draft.exit, draft.rank = signal, "slice", 2
            draft.leaf.value = f"number {before.index(signal) + 1} of {len(before)}"
            draft.leaf.limit = f"the slice keeps {len(after)}"
            draft.leaf.needs = f"a place among those that {site['text']} keeps"
            self.drafts[event.index + number * 10_000_000] = draft


def _is_word(text: str) -> bool:
    """Whether a limit is only the name of an answer: a text, or the member of an enum."""
    quoted = text[:1] in "'\"" and text.strip("'\"").replace("_", "").isalnum()
    return quoted or re.fullmatch(r"\w+\.[A-Z][A-Z0-9_]*", text) is not None
