"""A check of a running deployment as lines in a terminal. It carries no canary, and says so first."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from harness.report.terminal_canary import grid
from harness.report.visible import visible
from harness.verdict.document import PointRow
from harness.vocabulary import Colour

_SAYS = {
    Colour.GREEN: "nothing that was looked at is in error",
    Colour.YELLOW: "something is degraded",
    Colour.RED: "a critical point is in error or unknown",
}
_STYLES = {"OK": "green", "WARN": "yellow", "UNKNOWN": "magenta", "ERROR": "bold red"}


def print_check(console: Console, bot: str, colour: Colour, rows: Sequence[PointRow]) -> None:
    """Print every point, worst first, a consequence indented under its root."""
    console.print(Text(f"{colour}  {_SAYS[colour]}: {visible(bot)}", style=f"bold {colour.lower()}"))
    console.print("No canary was sent: whether a signal would trade is what `verify` answers.", style="dim")
    lines = []
    for row in rows:
        indent = "  after " + ", ".join(row.consequence_of) + ": " if row.consequence_of else ""
        told = f"{indent}{row.id} {row.title}: {visible(row.summary, length_max=300)}"
        lines.append((Text(row.status, style=_STYLES.get(row.status, "dim")), Text(told)))
    console.print(grid(lines), highlight=False)
