"""A verdict and a canary as lines in a terminal, or in the log of a CI run: rich decides on colour and width."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from harness.report import order, phrases
from harness.report.proven import own_tests
from harness.report.terminal_canary import MARKS, canary_lines, grid
from harness.report.visible import visible
from harness.verdict.document import Blocker, Document, PointRow
from harness.vocabulary import CanaryResult, Colour

STYLES = {Colour.GREEN: "green", Colour.YELLOW: "yellow", Colour.RED: "red"}
_STATUS_STYLES = {"OK": "green", "WARN": "yellow", "UNKNOWN": "magenta", "ERROR": "red"}
_ASCII = str.maketrans({"✓": "+", "✕": "x", "·": "-", "…": "...", "└": "`", "→": ">", "!": "!"})
_ROOTS_MAX = 12


def print_verdict(document: Document, console: Console, *, report: Path | None = None) -> None:
    """Print the whole verdict, compact: answer, blocker, canary stages, root causes, counts and circumstances."""
    print_told(console, Group(*_verdict(document, report)))


def print_canary(canary: CanaryResult, console: Console, *, explain: bool = True) -> None:
    """Print one canary; with `explain` every gate with its values, the lineage, and all that went wrong on the way."""
    print_told(console, Group(*canary_lines(canary, every_gate=explain, details=explain)))


def print_told(console: Console, told: RenderableType) -> None:
    """Print `told` where the stream cannot carry our marks (a log in ASCII), in characters that it can."""
    if not console.options.ascii_only:
        console.print(told, highlight=False)
        return
    with console.capture() as captured:
        console.print(told, highlight=False)
    safe = captured.get().translate(_ASCII).encode(console.encoding, "backslashreplace").decode(console.encoding)
    console.file.write(safe)


def _verdict(document: Document, report: Path | None) -> Iterator[RenderableType]:
    style = STYLES[document.verdict]
    yield Text.assemble(
        (f" {document.verdict} ", f"bold reverse {style}"),
        (f"  {phrases.MEANS[document.verdict]}", f"bold {style}"),
        (f"  ·  {visible(document.bot)}, {visible(', '.join(document.desks))}", "dim"),
    )
    yield Text(phrases.QUESTION, style="dim")
    yield Text(visible(document.answer, length_max=600), style="bold")
    if document.blocker is not None:
        yield Padding(_blocker(document.blocker, document, style), (1, 0, 0, 0))
    for canary in document.canaries:
        yield Text()
        yield from canary_lines(canary, every_gate=False, details=not canary.traded)
    causes = list(_causes(document))
    if causes:
        yield Text()
        yield Text("Root causes, consequences below them", style="bold")
        yield grid(causes)
    told = [canary.reason for canary in document.canaries]
    above = {row.id for row in document.points if order.needs_attention(row)}
    other = [
        reason for reason in document.reasons if reason.point not in above and not reason.text.endswith(tuple(told))
    ]
    if other:
        yield Text()
        yield Text(f"Why not {Colour.GREEN}", style="bold")
        yield grid([(Text(str(reason.colour)), Text(visible(reason.text, length_max=600))) for reason in other])
    yield Text()
    yield _circumstances(document, report)


def _blocker(blocker: Blocker, document: Document, style: str) -> Panel:
    rows = [("by", Text(visible(blocker.detail, length_max=800)))]
    gate = next((c.blocker for c in document.canaries if c.blocker and not c.traded), None)
    if gate is not None and gate.value and (blocker.point == gate.failure_point or blocker.where.endswith(_at(gate))):
        rows.append(("value, limit", Text(phrases.against(gate), style="bold")))
    row = next((row for row in document.points if row.id == blocker.point), None)
    for one in phrases.measurements(row.evidence, count_max=6) if row else ():
        rows.append((one.name, Text(f"{one.value}" + (f"  ({one.limit})" if one.limit else ""))))
    if blocker.where:
        rows.append(("where", Text(visible(blocker.where, length_max=300))))
    if blocker.lets_through:
        rows.append(("passes with", Text(visible(blocker.lets_through, length_max=300), style="bold")))
    rows += [("to do" if not n else "", Text(f"{n + 1}. {visible(step)}")) for n, step in enumerate(blocker.todo)]
    title = Text(f" {visible(blocker.title, length_max=120)} ", style=f"bold {style}")
    body = grid([(Text(name, style="dim"), value) for name, value in rows])
    return Panel(body, title=title, title_align="left", border_style=style, padding=(0, 1))


def _at(gate: object) -> str:
    return f"{getattr(gate, 'file', '')}:{getattr(gate, 'line', '')}"


def _causes(document: Document) -> Iterator[tuple[Text, Text]]:
    """Every root that is not OK, worst first, each with its consequences indented below it."""
    bad = [root for root in order.roots_first(document.points) if order.needs_attention(root.row)]
    for root in bad[:_ROOTS_MAX]:
        yield point_line(root.row, "")
        for consequence in root.consequences:
            yield point_line(consequence, "  └ ")
    if len(bad) > _ROOTS_MAX:
        yield Text(), Text(f"{len(bad) - _ROOTS_MAX} more in the report", style="dim")


def point_line(row: PointRow, indent: str) -> tuple[Text, Text]:
    """A point's status, and its name with what was seen; a consequence is indented."""
    status = Text(visible(row.status, length_max=16), style=f"bold {_STATUS_STYLES.get(row.status, '')}")
    unverified = "  UNVERIFIED" if row.proof and row.proof.unverified else ""
    told = Text.assemble(
        indent,
        (f"{visible(row.id)} {visible(row.title, length_max=80)}", "bold" if not indent else ""),
        f"  {visible(row.summary, length_max=300)}",
        (unverified, "yellow"),
    )
    return status, told


def _circumstances(document: Document, report: Path | None) -> Table:
    proven = sum(row.held for row in document.receipt.rows)
    receipt = f"{proven} of {len(document.receipt.rows)} injected faults turned RED and named their stage"
    if not document.receipt.complete:
        receipt = f"incomplete: {document.receipt.why_not or receipt}"
    else:
        receipt += f", {phrases.duration(sum(row.duration_s for row in document.receipt.rows))}"
    waiting = f", {phrases.duration(document.waiting_s)} of it waiting" if document.waiting_s else ""
    lab_time = f"{phrases.instant(document.lab_time_s)}, {document.lab_time_why}".rstrip(", ")
    rows = [
        ("failure points", phrases.headline(document)),
        ("receipt", receipt),
        ("own tests", own_tests(document)),
        ("egress guard", document.egress_guard or "none was in force"),
        ("toxiproxy", document.toxiproxy or "none"),
        *([("state", "declared defaults, not the deployment's own")] if document.clean else []),
        ("lab time", lab_time),
        ("took", phrases.duration(document.duration_s) + waiting),
        ("valid until", phrases.instant(document.valid_until_s)),
        *([("report", str(report))] if report else []),
    ]
    return grid([(Text(name, style="dim"), Text(visible(told, length_max=400))) for name, told in rows])


__all__ = ["MARKS", "point_line", "print_canary", "print_told", "print_verdict"]
