"""A check of a running deployment as lines in a terminal. It carries no canary, and says so first."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console, Group
from rich.text import Text

from harness.report import order
from harness.report.terminal import STYLES, point_line, print_told
from harness.report.terminal_canary import grid
from harness.report.visible import visible
from harness.verdict.document import PointRow
from harness.vocabulary import Colour

_SAYS = {
    Colour.GREEN: "nothing that was looked at is in error",
    Colour.YELLOW: "something is degraded",
    Colour.RED: "a critical point is in error or unknown",
}


def print_check(console: Console, bot: str, colour: Colour, rows: Sequence[PointRow]) -> None:
    """Print every point, worst first, a consequence indented under its root."""
    lines = []
    for root in order.roots_first(rows):
        lines.append(point_line(root.row, ""))
        lines += [point_line(consequence, "  └ ") for consequence in root.consequences]
    says = Text(f"{colour}  {_SAYS[colour]}: {visible(bot)}", style=f"bold {STYLES[colour]}")
    note = Text("No canary was sent: whether a signal would trade is what `verify` answers.", style="dim")
    print_told(console, Group(says, note, grid(lines)))
