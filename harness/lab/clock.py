"""The lab's clock: one offset to real time, shared by the simulated venues and, through libfaketime, the bot.

It starts at the next session's open plus 30 minutes, so that Saturday, Thanksgiving and 09:20 verify alike, and it
runs; a test moves it on without anyone waiting. Only the wall clock moves: monotonic clocks and file times are real.
Source: libfaketime's README (`FAKETIME_TIMESTAMP_FILE`, `FAKETIME_NO_CACHE`, `FAKETIME_DONT_FAKE_MONOTONIC`).
"""

from __future__ import annotations

import functools
import importlib.util
import os
import platform
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psutil

from fixtures.clock import VirtualClock
from fixtures.exchange.calendar import SessionCalendar
from harness.tracing.probe.orphans import drop_clock

SHARED = Path("/dev/shm")  # noqa: S108 - where libfaketime keeps it
AFTER_OPEN_S = 1800.0


@functools.cache
def faketime_library() -> Path | None:
    """libfaketime's shared object, or None where it is not installed or not made for this processor."""
    spec = importlib.util.find_spec("libfaketime")
    if spec is None or spec.origin is None or platform.machine() != "x86_64":
        return None
    found = Path(spec.origin).parent / "vendor/libfaketime/src/libfaketime.so.1"
    return found if found.exists() else None


class TimeUnknown(Exception):
    """The simulated session calendar does not know a time; the message is one sentence."""


class LabClock:
    """Time in one bench, unix seconds. `why` says in a sentence what it was set to."""

    def __init__(self, at_s: float | None, offset_file: Path, *, into_session: bool = False) -> None:
        """`at_s` None: the next session's open plus 30 minutes; where the bot's processes cannot be moved, now.

        `into_session`: a time outside the sessions stands for the next one, since nothing can trade before it.
        Raises `TimeUnknown` outside the session calendar.
        """
        self.virtual = VirtualClock()
        self._offset_file = offset_file
        self.moves_processes = faketime_library() is not None
        self.why = "as asked with --at"
        if not self.moves_processes:
            at_s, self.why = None, "real time: libfaketime is not to be had here"
        elif at_s is None:
            at_s, self.why = _next_session(time.time())
        else:
            _known(at_s)
            if into_session and not SessionCalendar.nyse().is_open(at_s):
                at_s, why = _next_session(at_s)
                self.why = f"{why}: no session is open at the time asked with --at"
        if at_s is not None:
            self.virtual.set(at_s)
        self._publish()

    def now(self) -> float:
        return self.virtual.now()

    def advance(self, seconds: float) -> None:
        """Move the wall clock of venues and bot on by `seconds` at once."""
        self.virtual.advance(seconds)
        self._publish()

    def environment(self) -> dict[str, str]:
        """The variables that make a process live by this clock."""
        library = faketime_library()
        if library is None:
            return {}
        return {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._offset_file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def _publish(self) -> None:
        offset_s = self.virtual.now() - time.time()
        beside = self._offset_file.with_suffix(".new")
        beside.write_text(f"{offset_s:+.3f}\n", encoding="ascii")
        os.replace(beside, self._offset_file)  # a reader sees the old offset or the new one, never half a number


def _next_session(from_s: float) -> tuple[float, str]:
    """Half an hour into the first session that opens after `from_s`, and the words for it."""
    opens_s = SessionCalendar.nyse().next_open(from_s)
    why = f"30 minutes into the next session, {datetime.fromtimestamp(opens_s, UTC):%A %Y-%m-%d}"
    return opens_s + AFTER_OPEN_S, why


def _known(at_s: float) -> None:
    calendar = SessionCalendar.nyse()
    try:
        day: date | str = datetime.fromtimestamp(at_s, UTC).date()
    except (ValueError, OverflowError, OSError):
        day = f"{at_s:g} s after 1970"
    first, last = calendar.first + timedelta(days=1), calendar.last - timedelta(days=1)  # a neighbour may be asked for
    if isinstance(day, str) or not first <= day <= last:
        raise TimeUnknown(
            f"{day} is outside the session calendar, which goes from {first} to {last}; choose a day of it"
        )


def sweep_shared() -> None:
    """Remove what libfaketime shared under pids that are gone.

    It does so itself only where a process ends in the regular way; what a SIGKILL leaves behind fails a later process
    that happens to get the same pid.
    """
    for shared in SHARED.glob("faketime_shm_*"):
        pid = shared.name.rpartition("_")[2]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            drop_clock(int(pid))
