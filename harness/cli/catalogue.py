"""`catalogue`: every failure point there is, and which are built."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from harness.catalogue import Entry, built, entries
from harness.cli.arguments import REFERENCE, Bot, Json, deployment_at
from harness.vocabulary import Desk


def catalogue(bot: Bot = REFERENCE, as_json: Json = False) -> None:
    """List all failure points: id, what is wrong, how much it blocks, whether it is built and concerns this bot."""
    points, desks = built(), deployment_at(bot).desks
    if as_json:
        rows = [
            {
                **asdict(entry),
                "name": points[entry.id].name if entry.id in points else None,
                "concerns": concerns(entry, desks),
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
        desk = entry.desk if concerns(entry, desks) else f"{entry.desk} (not this bot's)"
        table.add_row(entry.id, entry.title, desk, entry.severity, entry.blocks, name or "not built", style=style)
    console = Console(highlight=False)
    console.print(table)
    console.print(f"\n{len(points)} of {len(entries())} are built.")


def concerns(entry: Entry, desks: Sequence[Desk]) -> bool:
    """Whether a point is about one of the desks that a bot runs."""
    return any(Desk(entry.desk).covers(desk) for desk in desks)
