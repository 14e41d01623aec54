"""`explain`: one failure point, as its sheet and its story tell it."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.padding import Padding

from harness.catalogue import Entry, UnknownPoint, built, find
from harness.cli.arguments import REFERENCE, Bot, Json, deployment_at
from harness.cli.trouble import sentences
from harness.failure_point import FailurePoint
from harness.report.plain import plain
from harness.vocabulary import Desk


def explain(
    point: Annotated[str, typer.Argument(help="An id such as FP-1.3, or a name such as data/uw_cache_stale.")],
    bot: Bot = REFERENCE,
    as_json: Json = False,
) -> None:
    """Explain one failure point: what goes wrong, how it is detected, what is done about it, and where in this bot."""
    deployment = deployment_at(bot)
    with sentences(UnknownPoint):
        entry = find(point)
    plugged = built().get(entry.id)
    gates = [gate for gate, named in deployment.toml.gates.items() if named == entry.id]
    if as_json:
        table = {"entry": entry, "sheet": plugged.sheet if plugged else None, "gates": gates}
        sys.stdout.write(json.dumps(plain(table)) + "\n")
        return
    console = Console(highlight=False)
    console.print(f"[bold]{entry.id}  {entry.title}[/]")
    console.print(f"{entry.severity}, {entry.desk}, {entry.cause}; blocks {entry.blocks}", style="dim")
    if plugged is None:
        _tell_catalogued(console, entry)
    else:
        _tell_built(console, entry, plugged)
    if gates:
        console.print(f"In {deployment.name}, these gates are this point: {', '.join(gates)}")
    if not deployment.runs(Desk(entry.desk)):
        console.print(f"It does not concern {deployment.name}: that runs {', '.join(deployment.desks)}.", style="dim")


def _tell_catalogued(console: Console, entry: Entry) -> None:
    console.print(f"\nDetected when: {entry.when}.")
    console.print(f"Healing: {entry.heal}.")
    console.print("\nNot built yet: no verdict counts it as OK.", style="yellow")


def _tell_built(console: Console, entry: Entry, point: FailurePoint) -> None:
    module = sys.modules[point.detect.__module__]
    console.print(Padding((module.__doc__ or "").strip(), (1, 0, 1, 0)))
    console.print(f"Impact: {point.sheet.impact}")
    console.print(f"Detected when: {entry.when}.")
    console.print(f"A signal stops at: {point.sheet.stage}")
    if point.sheet.downstream_of:
        console.print(f"Comes of: {', '.join(point.sheet.downstream_of)}")
    console.print(f"Healing: {point.heal}; back within {point.sheet.recovers_within_s:g} s")
    console.print("What to do:")
    for number, step in enumerate(point.sheet.playbook, 1):
        console.print(f"  {number}. {step}")
