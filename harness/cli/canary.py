"""`canary`: one golden signal, traced."""

from __future__ import annotations

import difflib
import json
import sys
from typing import Annotated

import typer

from harness.cli.arguments import FLAG, REFERENCE, At, Bot, Clean, Json, deployment_at, instant
from harness.cli.from_cache import run_from_cache
from harness.cli.screen import screen
from harness.cli.trouble import Trouble, sentences
from harness.deployment import Deployment
from harness.vocabulary import Colour, Depth


def canary(
    symbol: Annotated[str, typer.Argument(help="The symbol of the golden signal, such as AAPL.")] = "",
    bot: Bot = REFERENCE,
    depth: Annotated[Depth, typer.Option(help="Where the signal enters the bot.")] = Depth.CYCLE,
    explain: Annotated[
        bool, typer.Option("--explain", metavar=FLAG, help="Every gate with its values, and the lineage.")
    ] = False,
    cached: Annotated[
        bool,
        typer.Option(
            "--from-cache", metavar=FLAG, help="Instead: every signal of the deployment's own cache, at its own time."
        ),
    ] = False,
    at: At = "",
    clean: Clean = False,
    as_json: Json = False,
) -> None:
    """Send one golden signal through the bot's real code and say what became of it.

    Exit code: 0 it traded (exactly one order stands at the venue), 2 it did not, 3 it could not be sent.
    """
    deployment, at_s = deployment_at(bot), instant(at)
    if bool(symbol.strip()) == cached:
        raise Trouble(
            "give the symbol of one golden signal, such as AAPL, or --from-cache for all signals of the cache"
        )
    from harness.lab.egress import seal

    seal(wired=False)  # before anything starts a thread
    if cached:
        run_from_cache(deployment, at_s=at_s, explain=explain, as_json=as_json)
    from harness.canary import send
    from harness.lab.bench import UNABLE, bench
    from harness.report.plain import plain
    from harness.report.terminal import print_canary
    from harness.verdict import EXIT_CODES

    with (
        sentences(*UNABLE),
        bench(deployment, at_s=at_s, into_session=True, clean=clean, warm=depth is not Depth.PROCESS) as made,
    ):
        result = send(made, _listed(symbol.strip().upper(), deployment, made.world.listed()), depth)
    if as_json:
        sys.stdout.write(json.dumps(plain(result)) + "\n")
    else:
        print_canary(result, screen(), explain=explain)
    raise typer.Exit(EXIT_CODES[Colour.GREEN if result.traded else Colour.RED])


def _listed(symbol: str, deployment: Deployment, listed: tuple[str, ...]) -> str:
    """The symbol, if the simulated market lists it."""
    if listed and symbol not in listed:
        own = difflib.get_close_matches(symbol, deployment.toml.canary.symbols, 1)
        near = own or difflib.get_close_matches(symbol, listed, 1)
        hint = f"did you mean {near[0]}? If not, " if near else ""
        raise Trouble(f"the simulated market lists no {symbol}; {hint}name it in bot.toml under [canary] symbols")
    return symbol
