"""The life of one fork: settle in, make the one call, say what came of it, and be gone.

Nothing of the bot's that waits for the end of the interpreter runs here: a fork ends by `_exit`.
"""

from __future__ import annotations

import faulthandler
import importlib
import inspect
import json
import os
import random
import reprlib
import signal
import sys
import time
from dataclasses import dataclass
from types import FrameType
from typing import Any, NoReturn

from . import contain, descriptors, isolation, lingering, loops, notes, redirect, template, where

STACK_SIGNAL = signal.SIGRTMIN + 11
"""Asks for the stack of every thread; written in C, so it answers even when the interpreter is stuck."""
FINISH_SIGNAL = signal.SIGRTMIN + 12
"""Asks for the record as it stands; answered when the interpreter gets to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What a fork is given by its parent: descriptors to write to and to close, how many sites stand in the parent's
    table too, and where directories moved."""

    parent: int
    output: int
    result: int
    stack: int
    close: list[int]
    known: int
    namespace: bool
    moved: dict[str, str]


class _Reply:
    """The one answer of a fork, whichever way it comes to its end."""

    def __init__(self, post: Post, recording: Any) -> None:
        self._result, self._known, self._pid = post.result, post.known, os.getpid()
        self._recording: Any = recording
        self._recorder: Any = None
        self._began = time.perf_counter()
        self._answer: dict[str, Any] = {}
        self._sent = False

    def begin(self, call: dict[str, Any], signals: list[Any]) -> None:
        if self._recording is not None:
            self._recorder = self._recording.start(
                signals=signals or None, identity=call["identity"], lineage=call["lineage"]
            )
        self._began = time.perf_counter()

    def end(self, outcome: str, detail: str = "", at: str = "", returned: str = "", error: Any = None) -> None:
        """Send the answer, once; in a process that the bot forked itself, not at all."""
        if self._answer or os.getpid() != self._pid:
            return
        self._answer = {
            "outcome": outcome,
            "detail": detail,
            "detail_at": at,
            "returned": returned,
            "duration_s": time.perf_counter() - self._began,
        }
        recorder = self._recorder
        self._answer["record"] = {} if recorder is None else recorder.finish(outcome, error, self._known)
        if outcome in ("returned", "raised"):
            lingering.wait()
        self._send()

    def _send(self) -> None:
        if self._sent:
            return
        self._sent = True
        _flush()
        left = memoryview(json.dumps({**self._answer, "notes": notes.noted()}, default=str).encode())
        while left:
            left = left[os.write(self._result, left) :]

    def exiting(self, status: int, at: str) -> None:
        self.end("exited", f"os._exit({status})", at)

    def out_of_time(self, _number: int, frame: FrameType | None) -> None:
        if self._answer.get("record") is None:
            self._answer = {}
            self.end("timed out", "", where.of_frame(frame))
        # The call had ended, and only its threads had not.
        self._send()
        contain.leave(0)


def live(call: dict[str, Any], plan: dict[str, Any], post: Post, recording: Any) -> NoReturn:
    """Be the fork. Never returns, whatever the bot does."""
    try:
        reply = _Reply(post, recording)
        try:
            _settle(call, plan, post, reply)
            _call(call, reply)
        except template.Unmade as error:
            reply.end("not sent", str(error))
        except template.Unresolved as error:
            reply.end("not loaded", str(error))
        except BaseException as error:  # noqa: BLE001 - of whatever kind, it is the answer
            reply.end("not loaded", where.said(error), where.of_exception(error), error=error)
    finally:
        contain.leave(0)


def _settle(call: dict[str, Any], plan: dict[str, Any], post: Post, reply: _Reply) -> None:
    os.setsid()
    isolation.control(isolation.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != post.parent:
        contain.leave(1)
    for number in post.close:
        os.close(number)
    for number in (1, 2):
        os.dup2(post.output, number)
    faulthandler.register(STACK_SIGNAL, file=post.stack, all_threads=True, chain=False)
    faulthandler.enable(file=post.stack)
    signal.signal(FINISH_SIGNAL, reply.out_of_time)
    os.environ.update(call["env"])
    redirect.set_scope(call["scope"])
    _isolate(call, plan, post)
    os.chdir(plan["cwd"])
    random.seed(call["seed"])
    random_numbers = sys.modules.get("numpy.random")  # not numpy: asking a lazily loaded one for anything loads it
    if random_numbers is not None:
        random_numbers.seed(call["seed"] % 2**32)
    notes.forget()
    contain.release(reply.exiting)


def images(call: dict[str, Any], plan: dict[str, Any]) -> dict[str, str]:
    """Every directory that a fork of this call gets for itself, with the image it is filled from."""
    return {**dict.fromkeys(plan["private_dirs"], ""), **call["private"]}


def _isolate(call: dict[str, Any], plan: dict[str, Any], post: Post) -> None:
    private = images(call, plan)
    if post.namespace:
        isolation.enter()  # with nothing to cover too: by its namespace a fork's daemon is told from one left behind
        isolation.cover(private)
    descriptors.renew(sorted(private, key=len, reverse=True), post.moved)
    loops.renew()


def _call(call: dict[str, Any], reply: _Reply) -> None:
    signals = template.signals_of(call["signals"], call["signal_factory"])
    target = template.target_of(call, signals)
    args = template.resolved(call["args"], signals)
    kwargs = template.resolved(call["kwargs"], signals)
    try:
        reply.begin(call, signals)
        returned = target(*args, **kwargs)
        if inspect.iscoroutine(returned):
            returned = importlib.import_module("asyncio").run(returned)
    except SystemExit as error:
        reply.end("exited", f"SystemExit({error.code!r})", where.of_exception(error), error=error)
    except BaseException as error:  # noqa: BLE001 - of whatever kind, it is how the call ended
        reply.end("raised", where.said(error), where.of_exception(error), error=error)
    else:
        reply.end("returned", returned=_shown(returned))


def _shown(value: Any) -> str:
    short = reprlib.Repr()
    short.maxstring = short.maxother = short.maxlong = 200
    short.maxlist = short.maxtuple = short.maxdict = short.maxset = 20
    try:
        return short.repr(value)[:1000]
    except Exception as error:  # noqa: BLE001 - a bot's __repr__ may do anything
        return f"<{type(value).__name__}, whose repr raised {type(error).__name__}>"


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            continue  # the bot closed or replaced it; what it wrote there is its own affair
