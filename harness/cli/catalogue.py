"""`catalogue`: every failure point there is, and which are built."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from harness.catalogue import built, entries
from harness.cli.arguments import REFERENCE, Bot, Json, deployment_at
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
    for heading in ("id", "what is wrong", "desk", "severity", "blocks", "module"):
        table.add_column(heading)
    for entry in entries().values():
        name = points[entry.id].name if entry.id in points else ""
        style = None if name else "dim"
        desk = entry.desk if deployment.runs(Desk(entry.desk)) else f"{entry.desk} (not this bot's)"
        table.add_row(entry.id, entry.title, desk, entry.severity, entry.blocks, name or "not built", style=style)
    console = Console(highlight=False)
    console.print(table)
    console.print(f"\n{len(points)} of {len(entries())} are built.")
