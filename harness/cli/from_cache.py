"""`canary --from-cache`: every signal of the deployment's own cache, and where each of them ends."""

from __future__ import annotations

import json
import sys

import typer

from harness.cli.screen import screen
from harness.cli.trouble import Trouble, sentences
from harness.deployment import Deployment
from harness.observe.files import look_at_file
from harness.vocabulary import Colour, NotApplicable
from harness.vocabulary.roles import File

AFTER_UPDATE_S = 1.0


def run_from_cache(deployment: Deployment, *, at_s: float | None, explain: bool, as_json: bool) -> None:
    """Run one cycle on a copy of the deployment, at the cache's own time where `--at` names no other."""
    from harness.canary.from_cache import from_cache
    from harness.lab.bench import UNABLE, bench
    from harness.report.plain import plain
    from harness.report.terminal_cache import print_cache_run
    from harness.verdict import EXIT_CODES

    at_s = cache_time(deployment) if at_s is None else at_s
    with sentences(*UNABLE, LookupError), bench(deployment, at_s=at_s, processes=False) as made:
        run = from_cache(made)
    if as_json:
        table = {"fates": run.fates, "groups": run.groups, "before_all": run.before_all, "ended": run.ended}
        sys.stdout.write(json.dumps(plain(table)) + "\n")
    else:
        print_cache_run(run, screen(), explain=explain)
    ordered = any(fate.traded for fate in run.fates)
    raise typer.Exit(EXIT_CODES[Colour.GREEN if ordered else Colour.RED])


def cache_time(deployment: Deployment) -> float:
    """A second after the cache's own last update: the moment at which its signals were fresh.

    Raises `Trouble` where the deployment has no cache whose time can be read.
    """
    try:
        cache = look_at_file(deployment, File.FLOW_CACHE, 0.0).value
    except NotApplicable:
        raise Trouble("this bot has no [files.flow_cache] in its bot.toml, so there is no cache to read") from None
    except LookupError as unseen:
        raise Trouble(str(unseen)) from None
    if not cache.exists:
        raise Trouble(f"{deployment.path(File.FLOW_CACHE)} does not exist; let the bot write it, or give another --bot")
    if cache.updated_at_s is None:
        raise Trouble(
            f"{cache.path} says no time of its last update{f' ({cache.fault})' if cache.fault else ''}; give --at"
        )
    return cache.updated_at_s + AFTER_UPDATE_S
