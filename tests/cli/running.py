"""The command line, run in this process or in one of its own, and what it said."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from harness.cli import interrupt, main

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err


def here(*arguments: object) -> Ran:
    """Run `harness ARGUMENTS` in this process."""
    out, err, argv = io.StringIO(), io.StringIO(), sys.argv
    handlers = {number: signal.getsignal(number) for number in interrupt.SIGNALS}
    sys.argv = ["harness", *map(str, arguments)]
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = main()
    finally:
        sys.argv = argv
        for number, handler in handlers.items():
            signal.signal(number, handler)
    return Ran(code=code, out=out.getvalue(), err=err.getvalue())


def aside(*arguments: object, env: Mapping[str, str] | None = None, deadline_s: float = 50.0) -> Ran:
    """Run `python -m harness ARGUMENTS` in a process of its own, with some of its environment changed."""
    done = subprocess.run(
        [sys.executable, "-m", "harness", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=deadline_s,
        check=False,
    )
    return Ran(code=done.returncode, out=done.stdout, err=done.stderr)
