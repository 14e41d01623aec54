"""Gates while they are being found out: what a condition did to a signal becomes clear only later in the record."""

from __future__ import annotations

from dataclasses import dataclass

from harness.tracing.reading.leaf import Leaf, deciding
from harness.tracing.reading.run import Event, Run
from harness.vocabulary import Gate, GateVerdict, Stage


@dataclass(slots=True, kw_only=True)
class Draft:
    """One gate in the making. `index` is the place of its event in the record, and so its order."""

    index: int
    act: int
    signal: str
    function: str
    file: str
    line: int
    condition: str
    verdict: GateVerdict
    leaf: Leaf
    label: str = ""
    exit: str = ""
    why: str = ""
    rank: int = 3
    """The rank of the path's end in its scope (`reach.Reach`); below 3 it may be housekeeping."""
    blamed: bool = False
    """It is the cause of another gate that blocked, and so stands where the signals pass."""
    raised: bool = False
    """Its branch was entered and raised before it reached its exit."""
    handler: bool = False
    """It is a handler that an exception led into, and no condition."""
    follows: int = -1
    """The index of the handler that took what this gate raised: they block together, or neither does."""

    stage: Stage | None = None
    """Where the record itself tells it: an answer to the order call is the venue's."""

    def gate(self) -> Gate:
        """The finished value."""
        passed = self.verdict is GateVerdict.PASSED
        return Gate(
            label=self.label,
            function=self.function,
            file=self.file,
            line=self.line,
            condition=self.condition,
            verdict=self.verdict,
            value=self.leaf.value,
            limit=self.leaf.limit,
            needs="" if passed else self.leaf.needs,
            operands=self.leaf.operands,
            exit="" if passed else self.exit,
            signal=self.signal,
            stage=self.stage,
            why=self.why,
        )


def leaf_of(run: Run, event: Event) -> Leaf:
    """The deciding leaf of a condition's, match's, lambda's or return's event."""
    site = run.site(event)
    if event.kind == "match":
        value = str(event.data[1])
        taken = site["cases"][int(event.data[0])]
        others = [case for case in site["cases"][:-1] if case != taken]
        subject = site["text"].removeprefix("match ")
        return Leaf(
            value=value,
            limit=taken,
            needs=f"{subject} to match another case than {taken}",
            names=site["names"],
            calls=[name for name, _ in site["calls"]],
            operands=((subject, value), *(("other", case) for case in others[:1])),
        )
    tree = site.get("tree")
    if tree is None:
        return Leaf(value=str(event.data[-1][0]) if event.data and isinstance(event.data[-1], list) else "")
    outcome = event.data[0]
    kept = event.data[1:]
    if kept and isinstance(kept[0], dict):
        return deciding(tree, kept[0], outcome)
    return deciding(tree, kept, outcome)


def outcome_of(event: Event) -> int:
    """Which way a condition went: 0 or 1, or the number of a case."""
    return int(event.data[0]) if event.data[0] is not None else 1


def draft_of(run: Run, event: Event, verdict: GateVerdict) -> Draft:
    """A gate from the event of a condition, match, lambda or return."""
    site = run.site(event)
    function = run.sites[site["fn"]]
    outcome = outcome_of(event)
    labels, exits = site.get("labels", [""]), site.get("exits", [""])
    blocking = outcome if outcome < len(exits) else 0
    label = next((text for text in labels if text), "")
    if verdict is not GateVerdict.PASSED:
        weak = site.get("weak", [False, False])
        label = (run.spoken(event, blocking) if weak[blocking] else "") or labels[blocking]
    kind = exits[blocking]
    if not kind and verdict is not GateVerdict.PASSED:
        kind = "no else"
    return Draft(
        index=event.index,
        act=event.act,
        signal=event.signal,
        function=function["qualname"],
        file=function["file"],
        line=site["line"],
        condition=site["text"],
        verdict=verdict,
        leaf=leaf_of(run, event),
        label=label,
        exit=kind,
    )
