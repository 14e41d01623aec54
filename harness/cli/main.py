"""The commands put together, and what is done with every error: one sentence, exit code 3, no traceback."""

from __future__ import annotations

import errno
import os
import select
import sys
import tempfile
import traceback
from pathlib import Path

import typer

from harness.cli import canary, catalogue, check, drill, explain, interrupt, lab, simulate, verify
from harness.cli.trouble import Trouble
from harness.report.visible import visible
from harness.verdict import COULD_NOT_RUN

ROOT = Path(__file__).resolve().parents[2]
INTERRUPTED = 130
"""What typer makes of a KeyboardInterrupt inside a command."""
_SENTENCE_MAX = 1000
_FULL = (errno.ENOSPC, errno.EDQUOT)

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


def main(*, interrupted: bool = False) -> int:
    """Run the command line and return its exit code: 0 GREEN, 1 YELLOW, 2 RED, 3 the command could not run.

    `interrupted`: it was asked to end before it began.
    """
    interrupt.listen()
    _open_streams()
    try:
        code = INTERRUPTED if interrupted else app(standalone_mode=False)
    except Trouble as error:
        return _say(str(error))
    except typer.TyperException as error:
        said = getattr(error, "format_message", error.__str__)()  # only some of typer's errors have the longer form
        # a command line without a command has printed the help instead
        return _say(_one_line(said).replace("Value error, ", "")) if said else COULD_NOT_RUN
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except SystemExit as error:  # what typer and rich make of a closed pipe, with exit code 1, and 1 means YELLOW
        if not _nobody_reads(error):
            return _say(_unforeseen(error.__context__ or error))
        _give_up_output()
        return COULD_NOT_RUN
    except Exception as error:  # noqa: BLE001 - a traceback would end with exit code 1, and 1 means YELLOW
        return _say(_unforeseen(error))
    if code == INTERRUPTED:
        return _say("interrupted; everything that was started has been taken down")
    return code if isinstance(code, int) else 0


def _say(sentence: str) -> int:
    """Say on standard error, on one line, why the command could not run."""
    try:
        print(f"harness: {visible(sentence, length_max=_SENTENCE_MAX)}", file=sys.stderr)
    except OSError:
        _give_up_output()  # nobody listens there
    return COULD_NOT_RUN


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _open_streams() -> None:
    """Open what the caller closed: the next file opened would get that number, and a bot would print into it."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            stream = open(os.devnull, "r+" if number else "r", encoding="utf-8")  # noqa: SIM115 - it is a stream now
            setattr(sys, name, stream)


def _nobody_reads(error: SystemExit) -> bool:
    """Whether our own output is closed, and not a pipe to some process of ours. Source: poll(2), POLLERR."""
    if Path(traceback.extract_tb(error.__traceback__)[-1].filename).parent.name == "rich":
        return True  # it has already sent our output nowhere
    watch = select.poll()
    for number in (1, 2):
        watch.register(number, select.POLLOUT)
    return any(event & select.POLLERR for _, event in watch.poll(0))


def _give_up_output() -> None:
    """Whatever is still unsaid goes nowhere, also what Python says when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        os.dup2(nowhere, number)


def _unforeseen(error: BaseException) -> str:
    """A fault of the harness itself in one sentence, with the line of ours where it came up."""
    if isinstance(error, OSError) and error.errno in _FULL:
        where = f" ({error.filename})" if error.filename else ""
        return (
            f"there is no room{where}: {error.strerror}, so the result could not be told;"
            f" free some in {tempfile.gettempdir()}, and where the reports and the output go"
        )
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(ROOT)] or list(frames)
    where = f" at {Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
    said = _one_line(str(error))
    return f"the harness itself failed, so there is no verdict: {type(error).__name__}: {said}{where}"
