"""From which outcomes of a condition the end of a signal's path can still be reached.

The end of the path in one scope (a function, or the body of a loop over signals) is its order call; where it has none,
what puts a signal aside for later; where it has none of these either, a `return` that says yes. A condition is a gate
where one outcome can still reach an end and another cannot.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from harness.tracing.reading.run import Run

Bones = list[Any]


@dataclass(slots=True)
class Ways:
    """Where control goes from a block: on, out of the loop, to the next turn, into the handlers."""

    after: bool
    broken: bool = False
    turned: bool = False
    raised: bool = False


@dataclass(slots=True, kw_only=True)
class Reach:
    """The gates of one scope. `outcomes[cond][outcome]` is whether an end can be reached from there."""

    rank: int
    ends: frozenset[int]
    """Sites of the actions that are the end of the path here; empty where a `return` is. -1: one without events."""
    outcomes: dict[int, dict[int, bool]] = field(default_factory=dict)

    def decides(self, site: int) -> bool:
        """Whether the outcomes of a condition differ."""
        return len(set(self.outcomes.get(site, {}).values())) > 1


_KNOWN_MAX = 4096
_known: dict[tuple[object, ...], tuple[Bones, Reach]] = {}
"""What was found for a scope. A host says each site once, so its skeletons are the same lists in record after record;
each is kept with what was found, so that its id stays its own."""


def reach(run: Run, fn: int, loop: int) -> Reach:
    """Analyse one scope: a function (`loop` -1), or the body of one of its loops."""
    skeleton = run.sites[fn].get("skeleton", [])
    key = (id(skeleton), loop, run.carriers, frozenset(run.signal_loops))
    if key not in _known:
        if len(_known) >= _KNOWN_MAX:
            _known.clear()
        bones = skeleton if loop < 0 else _loop_body(skeleton, loop) or []
        _known[key] = skeleton, _Analysis(run, bones, whole=loop < 0).result
    return _known[key][1]


def _loop_body(bones: Bones, loop: int) -> Bones | None:
    for bone in bones:
        if bone[0] in ("for", "while") and bone[1] == loop:
            body: Bones = bone[2] if bone[0] == "for" else bone[3]
            return body
        for part in _blocks(bone):
            found = _loop_body(part, loop)
            if found is not None:
                return found
    return None


def _blocks(bone: Bones) -> list[Bones]:
    kind = bone[0]
    if kind == "if":
        return [bone[2], bone[3]]
    if kind == "for":
        return [bone[2], bone[3]]
    if kind == "while":
        return [bone[3], bone[4]]
    if kind == "try":
        return [bone[1], *[body for _, body in bone[2]], bone[3], bone[4]]
    if kind == "with":
        return [bone[1]]
    if kind == "match":
        return list(bone[2])
    return []


class _Analysis:
    def __init__(self, run: Run, skeleton: Bones, *, whole: bool) -> None:
        self._run = run
        self._whole = whole
        self._acts: list[tuple[int, int, bool, int, int]] = []
        self._returns: list[tuple[int, int]] = []
        self._collect(skeleton, depth=0)
        rank = max((rank for _, rank, *_ in self._acts), default=0)
        self.ends = self._ends(rank)
        self.returns = frozenset(site for site, pol in self._returns if pol >= 0) if not self.ends else frozenset()
        sites = frozenset(act[4] for act in self._acts if act[0] in self.ends)
        self.result = Reach(rank=rank if self.ends else min(rank, 1), ends=sites)
        self._block(skeleton, Ways(after=False))

    def _rank(self, bone: Bones) -> int:
        return max(3 if name in self._run.carriers else rank for name, rank in bone[1])

    def _collect(self, bones: Bones, depth: int) -> None:
        leaves = bool(bones) and bones[-1][0] == "exit" and depth > 0
        for bone in bones:
            if bone[0] == "act":
                self._acts.append((id(bone), self._rank(bone), leaves, depth, bone[2]))
            elif bone[0] == "exit" and bone[1] == "return":
                self._returns.append((bone[2], self._run.sites[bone[2]]["pol"]))
            deeper = depth + (bone[0] in ("if", "match", "try"))
            for part in _blocks(bone):
                self._collect(part, deeper)

    def _ends(self, rank: int) -> frozenset[int]:
        """The nodes of the highest rank; those in a branch that leaves at once count only where there are no others."""
        answers = any(pol >= 0 for _, pol in self._returns)
        # A function that answers for one signal may collect things on its way; its answer is what counts.
        if rank >= 3 or (rank == 2 and not (self._whole and answers)):
            best = [act for act in self._acts if act[1] == rank]
            going_on = [act for act in best if not act[2]]
            return frozenset(act[0] for act in going_on or best)
        if answers or not self._acts:
            return frozenset()
        deepest = max(act[3] for act in self._acts)
        return frozenset([[act[0] for act in self._acts if act[3] == deepest][-1]]) if deepest else frozenset()

    def _block(self, bones: Bones, ways: Ways) -> bool:
        reached = ways.after
        for bone in reversed(bones):
            reached = self._bone(bone, Ways(reached, ways.broken, ways.turned, ways.raised))
        return reached

    def _bone(self, bone: Bones, ways: Ways) -> bool:
        kind = bone[0]
        if kind == "act":
            return ways.after or id(bone) in self.ends
        if kind == "exit":
            return self._exit(bone, ways)
        if kind == "if":
            return self._outcomes(bone[1], {1: self._block(bone[2], ways), 0: self._block(bone[3], ways)})
        if kind == "match":
            return self._outcomes(bone[1], {index: self._block(body, ways) for index, body in enumerate(bone[2])})
        if kind in ("for", "while"):
            return self._loop(bone, ways)
        if kind == "with":
            return self._block(bone[1], ways)
        return self._try(bone, ways)

    def _exit(self, bone: Bones, ways: Ways) -> bool:
        if bone[1] == "continue":
            return ways.turned
        if bone[1] == "break":
            return ways.broken
        if bone[1] == "raise":
            return ways.raised
        return bone[2] in self.returns

    def _outcomes(self, site: int, reached: dict[int, bool]) -> bool:
        known = self.result.outcomes.get(site, {})
        self.result.outcomes[site] = {out: known.get(out, False) or way for out, way in reached.items()}
        return any(reached.values())

    def _loop(self, bone: Bones, ways: Ways) -> bool:
        body, orelse = (bone[2], bone[3]) if bone[0] == "for" else (bone[3], bone[4])
        done = self._block(orelse, ways)
        again = done
        for _ in range(2):
            reached = self._block(body, Ways(again, ways.after, again, ways.raised))
            # The next turn of a loop over signals is about another signal: this one's path ends with its turn.
            if bone[1] in self._run.signal_loops:
                break
            again = again or reached
        if bone[0] == "while" and bone[2] >= 0:
            return self._outcomes(bone[2], {1: reached, 0: done})
        return reached or done

    def _try(self, bone: Bones, ways: Ways) -> bool:
        after = self._block(bone[4], ways)
        on = Ways(after, ways.broken, ways.turned, ways.raised)
        handlers = [self._block(body, on) for _, body in bone[2]]
        handled = any(handlers)
        orelse = self._block(bone[3], on)
        body = self._block(bone[1], Ways(orelse, ways.broken, ways.turned, handled or ways.raised))
        for (site, _), reached in zip(bone[2], handlers, strict=True):
            self._outcomes(site, {0: body, 1: reached})
        return body or handled
