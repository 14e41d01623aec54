"""One canary as lines: its stages and gates, the lineage of its numbers, its orders, and what went wrong on the way."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from harness.report import phrases, waterfall
from harness.report.visible import visible
from harness.report.waterfall import Passage, StageView, Step
from harness.vocabulary import CanaryResult, Gate, GateVerdict, Lineage

MARKS = {
    Passage.PASSED: ("✓", "green"),
    Passage.STOPPED: ("✕", "bold red"),
    Passage.PARTLY: ("✓", "dim"),
    Passage.NOT_REACHED: ("·", "dim"),
    Passage.SKIPPED: ("·", "dim"),
    Passage.NOT_KNOWN: ("?", "magenta"),
}
_GATE_STYLES = {
    GateVerdict.PASSED: "green",
    GateVerdict.BLOCKED: "bold red",
    GateVerdict.CRASHED: "bold red",
    GateVerdict.FIRED_NOT_BLOCKED: "bold red",
    GateVerdict.FAILED_OPEN: "bold red",
}
_NAME_MAX = 24
_GATE_MAX = 28
_TABLE_MIN, _WHOLE_MIN = 70, 96
"""In so many columns there is room for a table, and for one with a column for the verdict."""
_VALUE_MAX = 24
_PASSED_MAX = 4
_LIST_MAX = 12


def grid(rows: Iterable[Sequence[Text]]) -> Table:
    """Rows of aligned cells without lines; the last column takes the room that is left, and wraps."""
    rows = list(rows)
    table = Table.grid(padding=(0, 2), expand=False)
    width = max((len(row) for row in rows), default=0)
    for column in range(width):
        table.add_column(overflow="fold", max_width=_NAME_MAX if column == 0 and width > 1 else None)
    for row in rows:
        table.add_row(*row)
    return table


def canary_lines(canary: CanaryResult, *, every_gate: bool, details: bool) -> Iterator[RenderableType]:
    """The canary's lines. Without `every_gate` a long row of passed gates is counted; `details` adds the why."""
    came_to = f"{len(canary.orders)} order{'' if len(canary.orders) == 1 else 's'} at the venue"
    ended = "traded" if canary.traded else f"stopped at {canary.stage}" if canary.stage else "did not trade"
    yield Text.assemble(
        (f"Canary {visible(canary.symbol)} {canary.side}", "bold"),
        f", {canary.desk}, {canary.depth}: ",
        (ended, "bold green" if canary.traded else "bold red"),
        f", {came_to}, {phrases.duration(canary.duration_s)}",
    )
    if not canary.traded or details:
        yield Text(f"  {visible(canary.reason, length_max=600)}")
    yield Padding(_stages(canary, every_gate), (0, 0, 0, 2))
    for gate in waterfall.loud(canary)[:_LIST_MAX]:
        told = f"  !! {gate.verdict}: {phrases.gate_name(gate)} at {_where(gate)}, {phrases.against(gate)}"
        yield Text(told, style="bold red")
    yield from _orders(canary)
    if details:
        yield from _details(canary)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of mark, stage, gate, value, verdict and place, in as many columns as there is room for."""

    rows: list[list[Text]]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if options.max_width < _TABLE_MIN:
            for row in self.rows:
                yield Text("  ").join(cell for cell in row if cell.plain)
            return
        whole = options.max_width >= _WHOLE_MIN
        rows = self.rows if whole else [_without_verdict(row) for row in self.rows]
        table = Table.grid(padding=(0, 2))
        short = all(len(row[2].plain) <= _NAME_MAX for row in rows)  # then a narrow terminal breaks values, not names
        for place in range(len(rows[0]) if rows else 0):
            table.add_column(no_wrap=place not in (1, 3) and (place != 2 or short), overflow="fold")
        for row in rows:
            table.add_row(*row)
        yield table


def _without_verdict(row: list[Text]) -> list[Text]:
    """The row in five cells: its mark says that a gate was passed, anything else is said beside the value."""
    mark, stage, gate, value, verdict, place = row
    told = [cell for cell in (value, verdict) if cell.plain and (cell is value or cell.plain != Passage.PASSED)]
    return [mark, stage, gate, Text(", ").join(told), place]


def _stages(canary: CanaryResult, every_gate: bool) -> _Rows:
    rows: list[list[Text]] = []
    stages = waterfall.stages(canary)
    for passage, alike in itertools.groupby(stages, key=lambda stage: (stage.passage, bool(stage.steps))):
        run = list(alike)
        if passage[1]:
            for stage in run:
                rows += _rows_of(stage, every_gate)
        else:
            names = run[0].name if len(run) == 1 else f"{run[0].name} to {run[-1].name}"
            rows.append([*_head(run[0], names), Text("no gate", style="dim"), Text(), Text(str(passage[0])), Text()])
    return _Rows(rows)


def _head(stage: StageView, name: str) -> list[Text]:
    mark, style = MARKS[stage.passage]
    return [Text(mark, style=style), Text(name, style="" if stage.passage is Passage.PASSED else style)]


def _rows_of(stage: StageView, every_gate: bool) -> Iterator[list[Text]]:
    head = _head(stage, stage.name)
    hidden: set[int] = set()
    if not every_gate and len(stage.folded) > _PASSED_MAX:
        hidden = {step.place for step in stage.folded} - {_nearest(stage.folded).place}
    for step in stage.steps:
        if step.place not in hidden:
            yield [*head, *_gate_cells(step)]
            if step.gate.why:
                yield [
                    Text(),
                    Text(),
                    Text("because", style="dim"),
                    Text(_why(step.gate), style="bold"),
                    Text(),
                    Text(),
                ]
            head = [Text(), Text()]
    if hidden:
        yield [*head, Text(f"and {len(hidden)} more", style="dim"), Text(), Text("passed", style="dim"), Text()]


def _nearest(steps: Sequence[Step]) -> Step:
    """The passed gate that came nearest to its limit, which tells most; the last one where none has numbers."""

    def distance(step: Step) -> float:
        value, limit = phrases.number(step.gate.value), phrases.number(step.gate.limit)
        if value is None or limit is None or not step.gate.label:
            return math.inf
        return abs(value - limit) / max(abs(limit), 1e-9)

    return min(reversed(steps), key=distance)


def _gate_cells(step: Step) -> list[Text]:
    gate = step.gate
    needs = f", needs {visible(gate.needs, length_max=120)}" if gate.needs and step.decisive else ""
    name, against = phrases.gate_name(gate, length_max=60), phrases.against(gate, length_max=60) + needs
    if not step.decisive:
        name, against = _cut(name, _GATE_MAX), _cut(against, _VALUE_MAX)
    return [
        Text(name, style="bold" if step.decisive else ""),
        Text(against),
        Text(str(gate.verdict), style=_GATE_STYLES[gate.verdict]),
        Text(_where(gate)),
    ]


def _cut(text: str, length_max: int) -> str:
    return text if len(text) <= length_max else text[: length_max - 1] + "…"


def _why(gate: Gate) -> str:
    return visible(gate.why, length_max=300)


def _where(gate: Gate) -> str:
    return phrases.place(gate.file, gate.line)


def _orders(canary: CanaryResult) -> Iterator[Text]:
    for order in canary.orders[:_LIST_MAX]:
        limit = f" at {order.limit_price}" if order.limit_price is not None else ""
        told = f"{order.side} {order.quantity} {order.symbol} {order.kind}{limit}, {order.status}"
        yield Text(f"  order  {visible(told)}  {visible(order.order_id)} / {visible(order.client_order_id)}")


def _details(canary: CanaryResult) -> Iterator[RenderableType]:
    trace = canary.trace
    if trace.detail:
        yield Text(f"  {visible(trace.ending, length_max=500)}")
    for lineage in trace.lineage:
        if lineage.steps:
            yield _lineage(lineage)
    for lost in trace.lost[:_LIST_MAX]:
        at = phrases.place(lost.file, lost.line)
        yield Text(f"  lost  {visible(lost.signal)} was last seen at {at}: {visible(lost.how)}", style="red")
    for one in trace.swallowed[:_LIST_MAX]:
        told = f"{visible(one.kind)}: {visible(one.message, length_max=300)}"
        where = f"raised at {visible(one.raised_at)}, handled at {visible(one.handled_at)}"
        yield Text(f"  swallowed  {told}  ({where})", style="yellow")
    for note in trace.notes[:_LIST_MAX]:
        yield Text(f"  note  {visible(note, length_max=400)}")
    others = waterfall.others(canary)
    for other in others[:_LIST_MAX]:
        gate = other.blocker
        end = (
            f"stopped by {phrases.gate_name(gate)} ({phrases.against(gate)}) at {_where(gate)}"
            if gate
            else "not stopped"
        )
        yield Text(f"  also in this run  {visible(other.signal)}: {other.passed} gates passed, {end}", style="dim")
    if len(others) > _LIST_MAX:
        yield Text(f"  and {len(others) - _LIST_MAX} more signals, in verdict.json", style="dim")


def _lineage(lineage: Lineage) -> RenderableType:
    steps = lineage.steps if len(lineage.steps) <= 2 * _LIST_MAX else lineage.steps[: 2 * _LIST_MAX]
    rows = [
        (
            Text(f"{visible(lineage.name, length_max=20)} =" if not n else "→"),
            Text(visible(step.value, length_max=60), style="bold"),
            Text(visible(step.expression, length_max=120), style="dim"),
            Text(phrases.place(step.file, step.line)),
        )
        for n, step in enumerate(steps)
    ]
    return Padding(grid(rows), (0, 0, 0, 2))
