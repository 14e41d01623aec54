"""Heartbeats: a small file that says who is alive, and how much work is really done."""

from __future__ import annotations

import os
import time
from pathlib import Path

import msgspec

from bot.durable.atomic import write_atomically


class Heartbeat(msgspec.Struct, kw_only=True):
    """Times are unix seconds. `cycles` counts completed work: a heart that beats without it is stuck."""

    pid: int
    at: float
    cycles: int
    last_cycle_at: float | None


def beat(path: Path, *, cycles: int, last_cycle_at: float | None) -> None:
    """Write this process's heartbeat. Raises OSError."""
    write_atomically(
        path,
        msgspec.json.encode(Heartbeat(pid=os.getpid(), at=time.time(), cycles=cycles, last_cycle_at=last_cycle_at)),
        sync=False,
    )


def read_heartbeat(path: Path) -> Heartbeat | None:
    """The heartbeat at `path`, or None where none can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Heartbeat)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None  # the caller reports the part as unknown, which is never green
