"""`explain`: one failure point, as its sheet and its story tell it."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from harness.catalogue import Entry, UnknownPoint, built, find
from harness.cli.arguments import REFERENCE, Bot, Json, deployment_at
from harness.cli.screen import screen
from harness.cli.trouble import sentences
from harness.failure_point import FailurePoint
from harness.report.plain import plain
from harness.report.visible import visible
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
    bot_name = visible(deployment.name, length_max=200)
    gates = [gate for gate, named in deployment.toml.gates.items() if named == entry.id]
    if as_json:
        table = {"entry": entry, "sheet": plugged.sheet if plugged else None, "gates": gates}
        sys.stdout.write(json.dumps(plain(table)) + "\n")
        return
    console = screen()
    console.print(f"{entry.id}  {entry.title}", style="bold", markup=False)
    console.print(f"{entry.severity}, {entry.desk}, {entry.cause}; blocks {entry.blocks}", style="dim")
    if plugged is None:
        _tell_catalogued(console, entry)
    else:
        _tell_built(console, entry, plugged)
    if gates:
        named = visible(", ".join(gates), length_max=600)
        console.print(f"In {bot_name}, these gates are this point: {named}", markup=False)
    if not deployment.runs(Desk(entry.desk)):
        told = f"It does not concern {bot_name}: that runs {', '.join(deployment.desks)}."
        console.print(told, style="dim", markup=False)


def _tell_catalogued(console: Console, entry: Entry) -> None:
    console.print(f"\nDetected when: {entry.when}.", markup=False)
    console.print(f"Healing: {entry.heal}.", markup=False)
    console.print("\nNot built yet: no verdict counts it as OK.", style="yellow")


def _tell_built(console: Console, entry: Entry, point: FailurePoint) -> None:
    module, sheet = sys.modules[point.detect.__module__], point.sheet
    console.print(Padding(Text((module.__doc__ or "").strip()), (1, 0, 1, 0)))
    lines = [
        f"Impact: {sheet.impact}",
        f"Detected when: {entry.when}.",
        f"A signal stops at: {sheet.stage}",
        *([f"Comes of: {', '.join(sheet.downstream_of)}"] if sheet.downstream_of else []),
        f"Healing: {point.heal}; back within {sheet.recovers_within_s:g} s",
        "What to do:",
        *(f"  {number}. {step}" for number, step in enumerate(sheet.playbook, 1)),
    ]
    for line in lines:
        console.print(line, markup=False)
