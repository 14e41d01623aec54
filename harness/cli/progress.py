"""Progress of long work: one line each, on standard error, so that standard output stays the result."""

from __future__ import annotations

import sys

from harness.cli import interrupt


def say(line: str) -> None:
    """Say what is being done now, unless the command was asked to end."""
    interrupt.obey()
    print(f"  {line} ...", file=sys.stderr, flush=True)
