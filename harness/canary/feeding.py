"""The feed function that `bot.toml` names, for a bot whose rows no daemon brings: run once, in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from contextlib import suppress

from harness.lab.bench import Bench

_CODE = """
import functools, importlib, json, sys
module, _, name = sys.argv[1].partition(":")
call = functools.reduce(getattr, name.split("."), importlib.import_module(module))
call(*json.loads(sys.argv[2]), **json.loads(sys.argv[3]))
"""


def feed_once(bench: Bench) -> str:
    """Let the bot fetch once. Empty where it did, or has no feed function; else why it did not, in one line."""
    table = bench.deployment.toml.canary.feed
    if table is None:
        return ""
    deadline_s = bench.deployment.toml.canary.deadline_s
    process = subprocess.Popen(
        [bench.deployment.python, "-c", _CODE, table.target, json.dumps(table.args), json.dumps(table.kwargs)],
        cwd=bench.deployment.root,
        env=bench.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            _, said = process.communicate(timeout=deadline_s)
        except subprocess.TimeoutExpired:
            return f"the feed function {table.target} had not returned after {deadline_s:g} s"
        finally:
            with suppress(ProcessLookupError):  # it has ended, and left nothing
                os.killpg(process.pid, signal.SIGKILL)
    if process.returncode == 0:
        return ""
    lines = said.strip().splitlines() or [f"it ended with status {process.returncode}"]
    return f"the feed function {table.target} failed: {lines[-1]}"
