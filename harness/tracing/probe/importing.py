"""Importing the bot once, contained, with its hosts redirected and its decision code rewritten."""

from __future__ import annotations

import faulthandler
import importlib
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from . import contain, descriptors, egress, loops, notes, redirect, where
from .child import STACK_SIGNAL


class Failed(Exception):
    """The bot does not import. `told`: kind, sentence, where."""

    def __init__(self, kind: str, sentence: str, at: str) -> None:
        super().__init__(sentence)
        self.told = {"kind": kind, "sentence": sentence, "where": at, "quarantined": contain.quarantined()}


def imported(plan: dict[str, Any], stack: int, failed: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """Import the plan's modules; what is to be told about it. Raises Failed.

    `failed` is told when an import ends the whole process by `os._exit`, which raises nothing.
    """
    faulthandler.register(STACK_SIGNAL, file=stack, all_threads=True, chain=False)
    faulthandler.enable(file=stack)
    _settle(plan, failed)
    began_s = time.perf_counter()
    for name in plan["modules"]:
        _import(name)
    seconds = time.perf_counter() - began_s
    descriptors.sever({stack, plan["control"]})
    return {"import_seconds": seconds, "quarantined": contain.quarantined(), "notes": notes.noted()}


def _settle(plan: dict[str, Any], failed: Callable[[dict[str, Any]], None]) -> None:
    os.environ.update(plan["guard"])
    os.chdir(plan["cwd"])
    sys.path[:] = list(dict.fromkeys([*plan["sys_path"], *sys.path]))
    sys.argv[:] = plan["modules"][:1] or ["canary"]
    try:
        redirect.install(plan["redirects"])
    except ValueError as error:
        raise Failed("plan", str(error), "") from error
    egress.install()

    def exiting(status: int, at: str) -> None:
        failed(Failed("exited", f"the bot's import ended the process by os._exit({status})", at).told)

    contain.install(exiting)
    loops.watch()
    if plan["mode"] != "off":
        # By name: where recording is off, what records need not even be there.
        importlib.import_module(f"{__package__}.record")
        rewrite = importlib.import_module(f"{__package__}.rewrite")
        rewrite.install(plan["traced"], plan["mode"], orders=plan["orders"])


def _import(name: str) -> None:
    try:
        importlib.import_module(name)
    except SystemExit as error:
        at = where.of_exception(error)
        raise Failed("exited", f"importing {name} called sys.exit({error.code!r})", at) from error
    except BaseException as error:
        raise Failed("raised", f"importing {name} raised {where.said(error)}", where.of_exception(error)) from error
