"""`file:line` of what went wrong, out of an exception or out of the stack that faulthandler wrote."""

from __future__ import annotations

import re
from types import FrameType

from .notes import is_bots

_FRAME = re.compile(r'^  File "(?P<file>.+)", line (?P<line>\d+) in (?P<function>.+)$', re.MULTILINE)


def of_exception(error: BaseException) -> str:
    """The innermost frame of the bot's own code on the way to where it was raised, else the innermost of all."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno or 0}"
    last, bots = "", ""
    trace = error.__traceback__
    while trace is not None:
        last = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        if is_bots(trace.tb_frame.f_code.co_filename):
            bots = last
        trace = trace.tb_next
    return bots or last


def of_frame(frame: FrameType | None) -> str:
    """The innermost frame of the bot's own code that is running, seen from `frame`."""
    while frame is not None:
        if is_bots(frame.f_code.co_filename):
            return f"{frame.f_code.co_filename}:{frame.f_lineno}"
        frame = frame.f_back
    return ""


def of_stack(text: str) -> tuple[str, str]:
    """The bot's own innermost place in a faulthandler dump, and the innermost place of all; empty where unknown."""
    blocks = re.split(r"^(?=(?:Current thread|Thread) )", text, flags=re.MULTILINE)
    current = [block for block in blocks if block.startswith("Current thread")]
    # Without a current thread (none held the interpreter's lock) the main thread is the last one written.
    frames = list(_FRAME.finditer((current or blocks)[-1]))
    if not frames:
        return "", ""
    bots = next((frame for frame in frames if is_bots(frame["file"])), frames[0])
    return f"{bots['file']}:{bots['line']}", f"{frames[0]['function']} ({frames[0]['file']}:{frames[0]['line']})"


def said(error: BaseException) -> str:
    """An exception as one short line. One that cannot even be printed is named by its type."""
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 - a bot's __str__ may do anything
        text = "(cannot be printed)"
    line = " ".join(text.split())
    return f"{type(error).__name__}: {line[:300]}" if line else type(error).__name__
