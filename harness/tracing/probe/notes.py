"""Facts about a run that a reader must know, each once, and where in the bot's own code they come from."""

from __future__ import annotations

import os
import sys
import sysconfig
from types import FrameType

_LIMIT = 200
_OURS = __file__.rpartition(os.sep)[0] + os.sep
_NOT_THE_BOT = (_OURS, sysconfig.get_path("stdlib") + os.sep, "<frozen")
_noted: dict[str, int] = {}


def note(text: str) -> None:
    """Keep one fact. The same words again only raise its count; past 200 different ones the rest is dropped."""
    if text in _noted or len(_noted) < _LIMIT:
        _noted[text] = _noted.get(text, 0) + 1


def noted() -> list[str]:
    """The facts in the order in which they were first seen, with how often where that was more than once."""
    return [text if count == 1 else f"{text} ({count} times)" for text, count in list(_noted.items())]


def forget() -> None:
    """Start again: what was noted before the fork is not this run's."""
    _noted.clear()


def is_bots(path: str) -> bool:
    """Whether a source file is the bot's own: not the standard library, not an installed package, not the probe."""
    return not path.startswith(_NOT_THE_BOT) and "site-packages" not in path and not path.startswith("<")


def caller() -> str:
    """`file:line` of the innermost frame that is the bot's own; empty when there is none."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        if is_bots(frame.f_code.co_filename):
            return f"{frame.f_code.co_filename}:{frame.f_lineno}"
        frame = frame.f_back
    return ""


def at_caller() -> str:
    """The caller as the end of a sentence: ` (at file:line)`, or nothing."""
    where = caller()
    return f" (at {where})" if where else ""
