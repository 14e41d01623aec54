"""`catalogue`: every failure point there is, and which are built."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from rich.table import Table
from rich.text import Text

from harness.catalogue import built, entries
from harness.cli.arguments import REFERENCE, Bot, Json, deployment_at
from harness.cli.screen import screen
from harness.report.visible import visible
from harness.vocabulary import Desk


def catalogue(bot: Bot = REFERENCE, as_json: Json = False) -> None:
    """List all failure points: id, what is wrong, how much it blocks, whether it is built and concerns this bot."""
    points, deployment = built(), deployment_at(bot)
    if as_json:
        rows = [
            {
                **asdict(entry),
                "name": points[entry.id].name if entry.id in points else None,
                "concerns": deployment.runs(Desk(entry.desk)),
            }
            for entry in entries().values()
        ]
        sys.stdout.write(json.dumps(rows) + "\n")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("id", "what is wrong", "desk", "severity", "blocks", "state"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "id")
    concerned = True
    for entry in entries().values():
        concerns, is_built = deployment.runs(Desk(entry.desk)), entry.id in points
        concerned = concerned and concerns
        desk = entry.desk if concerns else f"{entry.desk} *"
        row = (entry.id, entry.title, desk, entry.severity, entry.blocks, "built" if is_built else "not built")
        table.add_row(*map(Text, row), style=None if is_built else "dim")
    console = screen()
    console.print(table)
    if not concerned:
        console.print(f"\n* no desk of {visible(deployment.name, length_max=200)}", markup=False)
    console.print(f"\n{len(points)} of {len(entries())} are built; `explain FP-1.3` tells more of one.")
