"""Arguments that several commands share, and how they are read."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from harness.catalogue import entries, nearest
from harness.cli.trouble import Trouble, sentences
from harness.deployment import Deployment, DeploymentError, load

REFERENCE = Path(__file__).resolve().parents[2] / "bot" / "bot.toml"

FLAG = ""
"""A switch takes no value, and its help shows none."""

Bot = Annotated[
    Path,
    typer.Option("--bot", help="The bot.toml that describes the bot.", show_default="the reference bot, bot/bot.toml"),
]
Json = Annotated[bool, typer.Option("--json", metavar=FLAG, help="Print the result as JSON.")]
At = Annotated[
    str,
    typer.Option(
        "--at",
        help="The lab's clock at its start: ISO 8601, or `now`. Outside the sessions, and by default, it is 30 min into"
        " the next session.",
    ),
]
Clean = Annotated[
    bool, typer.Option("--clean", metavar=FLAG, help="Start from declared defaults, not from the deployment's state.")
]


def deployment_at(path: Path) -> Deployment:
    """The deployment that `path` describes; a folder stands for the `bot.toml` in it."""
    with sentences(DeploymentError):
        deployment = load(path / "bot.toml" if os.path.isdir(path) else path)  # noqa: PTH112 - Path.is_dir may raise
    for gate, point in deployment.toml.gates.items():
        if point not in entries():
            near = nearest(point)
            hint = f"; the nearest is {near}" if near else ""
            raise Trouble(f"{deployment.toml_path}: gates.{gate} = {point!r} is no failure point{hint}")
    return deployment


def folder_for(reports: Path) -> Path:
    """The folder, made where it is missing; before the work begins, so that nobody waits for a report in vain."""
    try:
        reports.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Trouble(f"--reports {reports} is no folder that can be written: {error.strerror}; name another") from None
    if not os.access(reports, os.W_OK):
        raise Trouble(f"--reports {reports} cannot be written by this user; name another folder")
    return reports


def instant(text: str) -> float | None:
    """Unix seconds of `--at`; None where it was not given. A time without a zone is UTC."""
    if not text:
        return None
    if text.strip().lower() == "now":
        return datetime.now(UTC).timestamp()
    try:
        moment = datetime.fromisoformat(text)
        at_s = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        datetime.fromtimestamp(at_s, UTC)  # a time of year 0 or 10000, by its zone, is none either
    except (ValueError, OverflowError):
        raise Trouble(
            f"--at {text!r} is no time; write one such as 2026-11-26T14:30 (UTC) or 2026-11-26T09:30-05:00"
        ) from None
    return at_s
