"""What a bot's import may do, and what is done about it.

Threads and processes that it wants to start are kept back and named: a fork server must stay single-threaded, and
nothing may trade outside a canary. A `.env` is never read: the environment is the plan's. A program may run, guarded
like the bot when it is a Python. `sys.exit` and exceptions end the import anyway; `os._exit` says where first.
"""

from __future__ import annotations

import _thread
import os
import sys
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any, NoReturn

from .lazily import when_imported
from .notes import at_caller, caller, note

_kept: list[threading.Thread] = []
_names: list[str] = []
_quarantine = False
_secrets_kept = False
_exiting: Callable[[int, str], None] | None = None
_original = (threading.Thread.start, threading.Thread.join, _thread.start_new_thread, os._exit)
_start, _join, _start_new_thread, _exit = _original
_CARRIED = ("PYTHONPATH", "SIGNAL_PROBE", "SIGNAL_PROBE_SCOPE")


def install(exiting: Callable[[int, str], None]) -> None:
    """Contain from here on. `exiting(status, where)` is called before an `os._exit` of the bot takes place."""
    global _quarantine, _exiting
    _quarantine, _exiting = True, exiting
    threading.Thread.start = _start_or_keep  # type: ignore[method-assign]
    threading.Thread.join = _join_or_not  # type: ignore[method-assign]
    _thread.start_new_thread = _start_bare
    os._exit = _exit_said
    when_imported("multiprocessing.process", _patch_process)
    when_imported("subprocess", _patch_popen)
    keep_secrets_out()


def keep_secrets_out() -> None:
    """No `.env` is read from here on."""
    global _secrets_kept
    when_imported("dotenv.main", _patch_dotenv)
    if not _secrets_kept:
        _secrets_kept = True
        sys.addaudithook(_no_secrets)


def release(exiting: Callable[[int, str], None]) -> None:
    """In a fork: threads and processes may start, as in the field. Those that import wanted stay unstarted."""
    global _quarantine, _exiting
    _quarantine, _exiting = False, exiting
    for thread in _kept:
        _forget_worker(thread)


def quarantined() -> list[str]:
    """Name, target and place of each thread and process that import wanted to start."""
    return list(_names)


def leave(status: int) -> NoReturn:
    """End this process at once, with nothing of the bot's run at exit."""
    _exit(status)


def _keep(what: str, name: str, target: Any) -> None:
    does = getattr(target, "__qualname__", None) or type(target).__name__
    module = getattr(target, "__module__", "")
    _names.append(f"{what} {name!r} of {module}.{does}{at_caller()}" if module else f"{what} {name!r}{at_caller()}")


def _start_or_keep(self: threading.Thread) -> None:
    if not _quarantine:
        _start(self)
        return
    target = getattr(self, "_target", None) or type(self).run
    _keep("thread", self.name, target)
    _kept.append(self)


def _join_or_not(self: threading.Thread, timeout: float | None = None) -> None:
    # A kept thread never began; waiting for it is over at once, instead of failing in the bot's face.
    if self in _kept:
        return
    _join(self, timeout)


def _start_bare(function: Any, args: Any, kwargs: Any = None) -> int:
    if not _quarantine:
        return _start_new_thread(function, args, kwargs or {})
    _keep("thread", "without a name", function)
    return 0


def _forget_worker(thread: threading.Thread) -> None:
    """Let a pool that was made at import have live workers in this fork, and none of the work of import."""
    args = getattr(thread, "_args", None) or ()
    executor = args[0]() if args and callable(args[0]) and hasattr(args[0], "__callback__") else None
    if executor is None or not hasattr(executor, "_threads"):
        return
    executor._threads.discard(thread)
    while not executor._work_queue.empty():
        executor._work_queue.get_nowait()


def _exit_said(status: int) -> Any:
    if _exiting is not None:
        _exiting(status, caller())
    _exit(status)


def _patch_process(module: ModuleType) -> None:
    start = module.BaseProcess.start

    def start_or_keep(self: Any) -> None:
        if _quarantine:
            _keep("process", self.name, getattr(self, "_target", None) or type(self).run)
            return
        start(self)

    module.BaseProcess.start = start_or_keep


def _patch_popen(module: ModuleType) -> None:
    """A Python that the bot starts with an environment of its own is guarded like one that inherits ours."""
    make = module.Popen.__init__

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807 - it takes that one's place
        given = kwargs.get("env")
        if given is not None:
            kwargs["env"] = {**given, **{name: os.environ[name] for name in _CARRIED if name in os.environ}}
        make(self, *args, **kwargs)

    module.Popen.__init__ = __init__


def _patch_dotenv(module: ModuleType) -> None:
    """python-dotenv finds every `.env` empty, and so does pydantic-settings, which reads by it."""

    def parse(self: Any) -> Any:
        note(f"python-dotenv read nothing: the environment is the plan's{at_caller()}")
        return iter(())

    module.DotEnv.parse = parse
    module.DotEnv.dict = lambda self: {}


def _no_secrets(event: str, args: tuple[Any, ...]) -> None:
    if event != "open" or not isinstance(args[0], str | bytes):
        return
    name = os.fsdecode(args[0]).rpartition("/")[2]
    if name == ".env" or (name.startswith(".env.") and not name.endswith(("example", "sample", "template"))):
        note(f"{name} was not opened: the environment is the plan's{at_caller()}")
        raise FileNotFoundError(2, "not read here: the environment is the plan's", os.fsdecode(args[0]))
