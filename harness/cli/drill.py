"""`drill`: the real fault of a failure point in a lab, seen, healed and recovered from, with its times."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.cli.arguments import FLAG, REFERENCE, Bot, Json, deployment_at
from harness.cli.progress import say
from harness.cli.screen import screen
from harness.cli.trouble import Trouble, sentences
from harness.deployment import Deployment
from harness.failure_point import FailurePoint
from harness.verdict import COULD_NOT_RUN, EXIT_CODES
from harness.vocabulary import Colour

if TYPE_CHECKING:
    from harness.drill import Drill

NOT_APPLICABLE = "not applicable"


def drill(
    point: Annotated[str, typer.Argument(help="A failure point: FP-1.3 or data/uw_cache_stale.")] = "",
    bot: Bot = REFERENCE,
    every: Annotated[
        bool, typer.Option("--all", metavar=FLAG, help="Every built point that concerns this bot.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Inject a failure point's real fault in a lab, and watch whether it is detected, blocks, heals and recovers.

    Exit code: 0 all four held for every point drilled, 2 one did not, 3 it could not be drilled here.
    """
    deployment = deployment_at(bot)
    points = _asked_for(point, every, deployment)
    from chaos.effect import NoEffect
    from chaos.experiments import NoExperiment, inject
    from harness.cli.wiring import wiring
    from harness.drill import BenchInStock, drills
    from harness.lab.bench import UNABLE
    from harness.services import ServiceFailed
    from harness.vocabulary import NotApplicable

    unable = (NoEffect, NoExperiment, ServiceFailed, NotApplicable)
    started_s, console = time.monotonic(), screen()
    records: list[Drill] = []
    with sentences(*UNABLE), wiring(say) as wires, BenchInStock(deployment, wires.make) as stock:
        for record in drills(points, stock, inject, unable, say):
            records.append(record)
            if not as_json:
                _print(console, record)
    took_s = time.monotonic() - started_s
    code = _exit_code(records)
    if as_json:
        sys.stdout.write(json.dumps(_document(records, deployment, code, took_s)) + "\n")
    else:
        _print_sum(console, records, took_s)
    raise typer.Exit(code)


def _asked_for(word: str, every: bool, deployment: Deployment) -> Sequence[FailurePoint]:
    from harness.catalogue import UnknownPoint, built, find
    from harness.readiness.judging import points_of

    if every and word:
        raise Trouble(f"drill either {word} or --all, not both")
    if every:
        return points_of(deployment)
    if not word:
        raise Trouble("which failure point? `python -m harness drill FP-1.3`, or --all")
    with sentences(UnknownPoint):
        entry = find(word)
    if entry.id not in built():
        raise Trouble(f"{entry.id} {entry.title} is catalogued and not built yet, so there is nothing to drill")
    return (built()[entry.id],)


def _exit_code(records: Sequence[Drill]) -> int:
    """A point that this bot has no role for fails nothing, as long as another was drilled."""
    if any(record.steps and not record.held for record in records):
        return EXIT_CODES[Colour.RED]
    undone = [record for record in records if record.undone and not record.undone.startswith(NOT_APPLICABLE)]
    drilled = any(record.steps for record in records)
    return COULD_NOT_RUN if undone or not drilled else EXIT_CODES[Colour.GREEN]


def _document(records: Sequence[Drill], deployment: Deployment, code: int, took_s: float) -> dict[str, object]:
    from harness.report.plain import plain

    rows = [
        {"point": one.point, "title": one.title, "held": one.held, "undone": one.undone, "steps": plain(one.steps)}
        for one in records
    ]
    return {"bot": deployment.name, "held": code == 0, "duration_s": took_s, "drills": rows}


def _print(console: Console, record: Drill) -> None:
    """One point: its name, and a line for each step."""
    from harness.report.phrases import duration
    from harness.report.visible import visible

    console.print(Text(f"{record.point} {record.title}", style="bold"))
    if record.undone:
        console.print(Text(f"  not drilled: {visible(record.undone)}", style="yellow"))
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    for justify in ("left", "left", "right", "left"):
        table.add_column(justify=justify, no_wrap=justify == "right")
    for step in record.steps:
        mark = Text("held", style="green") if step.held else Text("DID NOT HOLD", style="bold red")
        table.add_row(f"  {step.name}", mark, duration(step.duration_s), Text(visible(step.saw, length_max=300)))
    console.print(table, highlight=False)


def _print_sum(console: Console, records: Sequence[Drill], took_s: float) -> None:
    from harness.report.phrases import duration

    drilled = [record for record in records if record.steps]
    held = sum(record.held for record in drilled)
    console.print(f"\n{held} of {len(drilled)} drilled points held all four, {duration(took_s)}", highlight=False)
