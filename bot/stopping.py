"""How a process of the bot ends: at once on SIGTERM or SIGINT, and never as the second of its kind."""

from __future__ import annotations

import fcntl
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType


class Stopped(SystemExit):
    """Raised in the main thread by the signal, wherever it stands.

    That is safe anywhere: files are replaced whole, and an order is in the intent log before it leaves.
    """


class Stop:
    """A request to end. Install it in the main thread of a process; without that it only ends by `set`."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def install(self) -> None:
        """End this process on SIGTERM and SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def is_set(self) -> bool:
        """Somebody asked for the end."""
        return self._event.is_set()

    def set(self) -> None:
        """Ask for it."""
        self._event.set()

    def wait(self, seconds: float) -> bool:
        """Wait that long, or until the end is asked for. True when it was."""
        return self._event.wait(seconds)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._event.set()  # also when the exception lands where Python must ignore it, e.g. in a destructor
        raise Stopped(0)


class AlreadyRunning(Exception):
    """Another process does this work already."""


@contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Hold `lock` while this process works; the kernel releases it when the process ends, however it ends.

    Raises AlreadyRunning.
    """
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode("ascii", "replace").strip() or "unknown"
            raise AlreadyRunning(
                f"another process (pid {holder}) holds {lock}; stop it before starting a second one."
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
