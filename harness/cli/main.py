"""The commands put together, and what is done with every error: one sentence, exit code 3, no traceback."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from pathlib import Path
from types import FrameType

import typer

from harness.cli import canary, catalogue, check, drill, explain, lab, simulate, verify
from harness.cli.trouble import Trouble
from harness.verdict import COULD_NOT_RUN

ROOT = Path(__file__).resolve().parents[2]
INTERRUPTED = 130
"""What typer makes of a KeyboardInterrupt inside a command."""

app = typer.Typer(
    name="python -m harness",
    help="Would a good signal become an order right now - and if not, exactly where is it blocked, by which value"
    " against which limit, and what would let it through?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
app.command("verify")(verify.verify)
app.command("canary")(canary.canary)
app.command("check")(check.check)
app.command("drill")(drill.drill)
app.command("lab")(lab.lab)
app.command("simulate")(simulate.simulate)
app.command("explain")(explain.explain)
app.command("catalogue")(catalogue.catalogue)


def main() -> int:
    """Run the command line and return its exit code: 0 GREEN, 1 YELLOW, 2 RED, 3 the command could not run."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        code = app(standalone_mode=False)
    except Trouble as error:
        print(f"harness: {error}", file=sys.stderr)
        return COULD_NOT_RUN
    except typer.TyperException as error:
        said = getattr(error, "format_message", error.__str__)()  # only some of typer's errors have the longer form
        if said:  # a command line without a command has printed the help instead
            print(f"harness: {said}", file=sys.stderr)
        return COULD_NOT_RUN
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return COULD_NOT_RUN
    except Exception as error:  # noqa: BLE001 - a traceback would end with exit code 1, and 1 means YELLOW
        print(f"harness: {_unforeseen(error)}", file=sys.stderr)
        return COULD_NOT_RUN
    if code == INTERRUPTED:
        print("harness: interrupted; everything that was started has been taken down", file=sys.stderr)
        return COULD_NOT_RUN
    return code if isinstance(code, int) else 0


def _unforeseen(error: Exception) -> str:
    """A fault of the harness itself in one sentence, with the line of ours where it came up."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(ROOT)] or list(frames)
    where = f" at {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    said = " ".join(str(error).split())
    return f"the harness itself failed, so there is no verdict: {type(error).__name__}: {said}{where}"


def _interrupt(number: int, frame: FrameType | None) -> None:
    """SIGTERM ends a command the way Ctrl-C does: every context manager lifts what it did."""
    raise KeyboardInterrupt
