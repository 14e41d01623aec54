"""What became of each signal: sent, ended at a gate, or lost where no exit stands."""

from __future__ import annotations

from collections import defaultdict

from harness.tracing.reading.drafts import Draft
from harness.tracing.reading.errors import Errors
from harness.tracing.reading.gates import Gates
from harness.tracing.reading.groups import labels_in, last_seen, limits_of, loops_over, row_of
from harness.tracing.reading.handlers import handler_draft, said
from harness.tracing.reading.leaf import Leaf
from harness.tracing.reading.run import Event, Run, ScopeKey, Site
from harness.vocabulary import GateVerdict, LostSignal

_ENDING = (GateVerdict.BLOCKED, GateVerdict.CRASHED)
_NO_EXIT = ("filter", "slice", "no else", "not iterated")


class Fates:
    """Settles the verdicts of a run's gates, signal by signal."""

    def __init__(self, gates: Gates, errors: Errors) -> None:
        self.gates = gates
        self.run: Run = gates.run
        self._roots = [act for act in self.run.acts.values() if act.parent == 0]
        self._answers = [
            event for act in self._roots for event in self.run.of(act.number) if event.kind in ("ret", "yield")
        ]
        self._drafts: dict[str, list[Draft]] = defaultdict(list)
        for draft in gates.drafts.values():
            self._drafts[draft.signal].append(draft)
        self._collections = [(event, labels) for event in self.run.events if (labels := labels_in(event)) is not None]
        self._looped = loops_over(self.run)
        self._flights = errors.flights
        self.notes: list[str] = []
        """What became of signals that neither a gate ended nor an order call sent."""
        for signal in self.run.signals:
            self._lives_on(signal)
            if self._sent(signal):
                self._let_through(signal)
            elif not self._blocked(signal):
                self._find(signal)
        self._whole_run()
        self._not_gates()
        if not self.run.record["given"]:
            self._last_only()

    def lost(self) -> tuple[LostSignal, ...]:
        """Signals that ended where no exit stands."""
        found: dict[str, LostSignal] = {}
        for draft in sorted(self.gates.drafts.values(), key=lambda draft: draft.index):
            if draft.signal and draft.verdict is GateVerdict.BLOCKED and draft.exit in _NO_EXIT:
                how = f"{draft.exit}: {draft.condition}"
                found.setdefault(
                    draft.signal, LostSignal(signal=draft.signal, file=draft.file, line=draft.line, how=how)
                )
        for signal in self.run.signals:
            if not self._sent(signal) and not self._blocked(signal) and (seen := last_seen(self.run, signal)):
                found.setdefault(signal, seen)
        return tuple(found.values())

    def _of(self, signal: str) -> list[Draft]:
        return self._drafts[signal]

    def _blocked(self, signal: str) -> bool:
        return any(draft.verdict in _ENDING for draft in self._of(signal)) or self._stopped_before_any(signal)

    def _stopped_before_any(self, signal: str) -> bool:
        """A gate before every signal: the freeze check at the head of the function."""
        return any(draft.verdict in _ENDING and self._concerns(draft) for draft in self._drafts[""])

    def _concerns(self, draft: Draft) -> bool:
        """Whether a gate about no signal stands where the signals pass."""
        followed = self.gates.drafts.get(draft.follows)
        if followed is not None:
            return followed.verdict is GateVerdict.BLOCKED and self._concerns(followed)
        act = self.run.acts.get(draft.act)
        if act is None or draft.blamed or draft.verdict is GateVerdict.CRASHED:
            return True
        return act.parent == 0 or any(act.held) or not self.run.signals

    def _sent(self, signal: str) -> bool:
        if self.gates.rank >= 3:
            return signal in self.gates.sent
        answered = False
        for event in self._answers:
            if not event.data:
                continue
            told = event.data[-1]
            one, many = (told[2], told[3]) if event.kind == "ret" else (told[0], told[1])
            if one == signal or signal in (many or ()):
                return True
            if event.kind == "ret" and self.run.acts[event.act].signal == signal and self._yes(event):
                return True
            answered = answered or many is not None
        aside = self.gates.put_aside.get(signal)
        if aside is None or answered:
            return False
        return not any(draft.verdict in _ENDING and draft.index > aside for draft in self._of(signal))

    def _yes(self, event: Event) -> bool:
        return self.run.site(event)["pol"] >= 0 and event.data[0] is not False and event.data[-1][0] != "None"

    def _lives_on(self, signal: str) -> None:
        """What leaves a signal out of some list, but not off the way to an order, is housekeeping and no gate."""
        last = self.gates.serious.get(signal, -1)
        for draft in self._of(signal):
            if draft.verdict is GateVerdict.BLOCKED and draft.rank < 3 and draft.index < last:
                draft.verdict = GateVerdict.PASSED

    def _let_through(self, signal: str) -> None:
        for draft in self._of(signal):
            if draft.verdict is GateVerdict.BLOCKED:
                draft.verdict = GateVerdict.FIRED_NOT_BLOCKED if draft.raised else GateVerdict.PASSED
            elif draft.verdict is GateVerdict.CRASHED:
                draft.verdict = GateVerdict.FAILED_OPEN

    def _whole_run(self) -> None:
        """Gates about no signal: those that stand aside, or after which a signal was still sent, did not block."""
        last_sent = max(self.gates.sent.values(), default=-1)
        for draft in self.gates.drafts.values():
            if draft.signal or draft.verdict is not GateVerdict.BLOCKED:
                continue
            if draft.index < last_sent or not self._concerns(draft) or self._went_on(draft):
                draft.verdict = GateVerdict.PASSED

    def _went_on(self, draft: Draft) -> bool:
        """Whether a function that leads to an order was still called after a handler, which so did not end it all."""
        if draft.blamed or not (draft.handler or draft.follows >= 0):
            return False
        return any(
            event.kind == "fn" and event.index > draft.index and self.run.site(event)["name"] in self.run.carriers
            for event in self.run.events
        )

    def _not_gates(self) -> None:
        """Handlers that ended nothing are no gates."""
        for index, draft in list(self.gates.drafts.items()):
            if draft.handler and draft.verdict is GateVerdict.PASSED:
                del self.gates.drafts[index]
                self._drafts[draft.signal].remove(draft)

    def _last_only(self) -> None:
        """Where signals are found inside and several objects carry one key, the last end is the end."""
        for signal in self.run.signals:
            ends = sorted((d for d in self._of(signal) if d.verdict in _ENDING), key=lambda draft: draft.index)
            acts = {draft.act for draft in ends}
            for draft in ends[:-1]:
                if len(acts) > 1 and draft.act != ends[-1].act and not self._below(draft.act, ends[-1].act):
                    draft.verdict = GateVerdict.PASSED

    def _below(self, act: int, ancestor: int) -> bool:
        while act and act in self.run.acts:
            if act == ancestor:
                return True
            act = self.run.acts[act].parent
        return False

    def _find(self, signal: str) -> None:
        """A signal that no gate ended: a callee's unheard no, a loop that stopped early, a collection without it."""
        if self._refused(signal) or self._not_iterated(signal) or self._never_bound(signal):
            return
        if signal in self.gates.serious:
            self._given_up(signal)
        else:
            self._missing(signal)

    def _given_up(self, signal: str) -> None:
        """It passed every gate, and what came after raised into a handler that went on as if nothing had been."""
        for flight in reversed(self._flights):
            handler = flight.handler
            if handler is not None and flight.first.signal == signal:
                draft = handler_draft(self.run, handler)
                draft.signal = signal
                self._add(draft)
                return

    def _refused(self, signal: str) -> bool:
        for act in self.run.acts.values():
            if act.signal != signal:
                continue
            if act.number > 0 and self.gates.reach_of(ScopeKey(act.number, -1, 0)).rank >= 2:
                continue
            last = next((e for e in reversed(self.run.of(act.number)) if e.kind in ("ret", "lambda")), None)
            if last is None or not ((last.data and last.data[0] is False) or self.run.site(last).get("pol", 0) < 0):
                continue
            cause = self.gates.causes._answer(act.number, 0)
            if cause.event is not None:
                draft = self.gates.origin(cause.event)
                draft.signal = signal
                draft.exit = "return" if draft.exit == "no else" else draft.exit
                self.gates.drafts[cause.event.index] = draft
                self._drafts[signal].append(draft)
                return True
        return False

    def _not_iterated(self, signal: str) -> bool:
        for start, given, turns in self._looped:
            if signal not in given or any(turn.data[1] == signal for turn in turns):
                continue
            draft = self._draft(start, signal, "not iterated")
            draft.leaf.value = f"number {given.index(signal) + 1} of {len(given)}"
            if turns:
                draft.leaf.limit = f"the loop ended after {len(turns)}"
                draft.why = self._why_stopped(start.site, turns[-1])
            return self._add(draft)
        return False

    def _never_bound(self, signal: str) -> bool:
        """A loop that takes its signals by itself (an index, a queue, an iterator) ended before it came to this one."""
        last: dict[tuple[int, int], Event] = {}
        first: dict[tuple[int, int], Event] = {}
        met: set[tuple[int, int]] = set()
        for event in self.run.events:
            loop = event.scope.loop
            if loop < 0 or self.run.sites[loop]["k"] != "loop":
                continue
            key = (event.act, loop)
            first.setdefault(key, event)
            last[key] = event
            if event.signal == signal:
                met.add(key)
        for key, start in first.items():
            if key in met or not self._was_there(signal, start):
                continue
            if self.run.starts.get(key) is not None:
                continue
            draft = self._draft(start, signal, "not iterated", site=self.run.sites[key[1]])
            draft.leaf.limit = "the loop ended before it"
            draft.why = self._why_stopped(key[1], last[key])
            return self._add(draft)
        return False

    def _was_there(self, signal: str, start: Event) -> bool:
        """Whether the last collection before a place still had the signal."""
        found = False
        for event, labels in self._collections:
            if event.index >= start.index:
                break
            if event.kind != "loop" and (len(labels) != 1 or len(event.data) > 2):
                found = signal in labels
        return found

    def _why_stopped(self, loop: int, last: Event) -> str:
        function = self.run.function(last.act)
        for event in [last, *self.run.after(last)]:
            if event.kind == "handler" and loop not in self.run.site(event)["loops"]:
                return f"{said(event)} ended the loop"
            if event.kind in ("exit", "ret", "failed"):
                site = self.run.site(event)
                if event.kind == "failed":
                    return f"{event.data[0]['kind']}: {event.data[0]['message']} ended the loop"
                if loop in site["loops"] and site.get("exit") != "continue":
                    return f"{site.get('exit', 'return')} at {function['file']}:{site['line']} ended the loop"
        return ""

    def _draft(self, event: Event, signal: str, kind: str, site: Site | None = None) -> Draft:
        site, function = site or self.run.site(event), self.run.function(event.act)
        text = site["text"]
        return Draft(
            index=event.index,
            act=event.act,
            signal=signal,
            function=function["qualname"],
            file=function["file"],
            line=site["line"],
            condition=text,
            verdict=GateVerdict.BLOCKED,
            leaf=Leaf(needs=f"a place in {text}"),
            exit=kind,
        )

    def _add(self, draft: Draft) -> bool:
        key = draft.index
        while key in self.gates.drafts:
            key += 10_000_000
        self.gates.drafts[key] = draft
        self._drafts[draft.signal].append(draft)
        return True

    def _missing(self, signal: str) -> None:
        """The first collection or loop without the signal, after the last one that had it."""
        seen = -1
        last: Event | None = None
        candidate: Event | None = None
        for event, labels in self._collections:
            if event.signal == signal:
                continue
            if signal in labels:
                seen, last, candidate = event.index, event, None
            elif candidate is None and event.kind != "fn" and (seen >= 0 or event.kind == "loop"):
                candidate = event
        if candidate is not None:
            kind = "not iterated" if candidate.kind in ("loop", "comp") else "slice"
            draft = self._draft(candidate, signal, kind)
            draft.leaf.value, draft.leaf.limit = row_of(last, signal, draft.condition), limits_of(self.run, candidate)
            self._add(draft)
