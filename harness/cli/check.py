"""`check`: a running deployment observed and judged, read-only, in real time, without a canary."""

from __future__ import annotations

import json
import os
import sys

import typer

from harness.catalogue import built
from harness.cli.arguments import REFERENCE, Bot, Json, deployment_at
from harness.cli.screen import screen
from harness.failure_point import judge
from harness.observe.live import live_access
from harness.observe.look import look
from harness.report.plain import plain
from harness.report.terminal_check import print_check
from harness.verdict import EXIT_CODES, colour_of
from harness.verdict.rows import point_rows
from harness.verdict.rules import of_points


def check(bot: Bot = REFERENCE, as_json: Json = False) -> None:
    """Observe and judge a running deployment: read-only, in real time, no lab.

    It carries no canary: it says what is wrong, not that a signal would trade (`verify` does). Keys for the venue
    and the provider are taken from this shell's environment. Exit code: 0 no point in error, 1 degraded, 2 a
    critical point is ERROR or UNKNOWN, 3 could not run.
    """
    deployment = deployment_at(bot)
    snapshot = look(deployment, live_access(deployment, os.environ))
    judged = [judge(point, snapshot) for point in built().values() if deployment.runs(point.sheet.desk)]
    found = of_points(judged)
    colour, rows = colour_of(found), point_rows(judged, {})
    if as_json:
        table = {"colour": colour, "canary": None, "reasons": found, "points": rows, "at_s": snapshot.now_s}
        sys.stdout.write(json.dumps(plain(table)) + "\n")
    else:
        print_check(screen(), deployment.name, colour, rows)
    raise typer.Exit(EXIT_CODES[colour])
