"""The ledger of faults: each writes itself down before it acts, and is struck out when it is lifted.

A run that is killed cannot lift anything, so the next one reads here what still stands (`python -m chaos.lift`).
One JSON line each, appended under a file lock and synced to the disk; `$CHAOS_LEDGER` names another file.
"""

from __future__ import annotations

import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import msgspec

from chaos.cache import cache_dir
from chaos.identity import ProcessId, myself
from chaos.lift_kinds import AnyLift


class Entry(msgspec.Struct, frozen=True, kw_only=True, tag="injected"):
    """One fault that stands, in the words of whoever injected it."""

    id: str
    fault: str
    what: str
    at: str
    owner: ProcessId
    lift: AnyLift


class Struck(msgspec.Struct, frozen=True, kw_only=True, tag="lifted"):
    """The fault of that id is no more."""

    id: str


_LINE = msgspec.json.Decoder(Entry | Struck)


class Ledger:
    """One ledger file. Processes and threads may write to it at once."""

    def __init__(self, path: Path | None = None) -> None:
        named = os.environ.get("CHAOS_LEDGER")
        self.path = path or (Path(named) if named else cache_dir() / "faults" / "ledger.jsonl")

    @property
    def copies(self) -> Path:
        """Where the files lie that faults put aside."""
        return self.path.with_name(f"{self.path.name}.files")

    def record(self, fault: str, what: str, lift: AnyLift) -> Entry:
        """Write a fault down, safe on the disk when this returns.

        Raises OSError when the ledger cannot be written: then nothing may be injected.
        """
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        entry = Entry(id=uuid.uuid4().hex, fault=fault, what=what, at=at, owner=myself(), lift=lift)
        with self._locked() as file:
            self._append(file, entry)
        return entry

    def strike(self, entry: Entry) -> None:
        """Strike a fault out; an empty ledger becomes an empty file. Striking twice changes nothing."""
        with self._locked() as file:
            standing = self._read(file)
            standing.pop(entry.id, None)
            if standing:
                self._append(file, Struck(id=entry.id))
            else:
                file.truncate(0)
                os.fsync(file.fileno())

    def standing(self) -> list[Entry]:
        """What has not been struck out, the newest first: faults upon faults are lifted in that order."""
        if not self.path.exists():
            return []
        with self._locked() as file:
            return list(reversed(self._read(file).values()))

    @contextmanager
    def _locked(self) -> Iterator[TextIO]:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+", encoding="utf-8", errors="replace") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if fresh:
                _sync_folder(self.path.parent)
            yield file

    @staticmethod
    def _append(file: TextIO, line: Entry | Struck) -> None:
        # A line cut short by a crash must not swallow this one, so each begins on a line of its own.
        os.write(file.fileno(), b"\n" + msgspec.json.encode(line) + b"\n")
        os.fsync(file.fileno())

    @staticmethod
    def _read(file: TextIO) -> dict[str, Entry]:
        """Standing entries by id, oldest first. A line that a crash cut short never acted, so it is passed over."""
        file.seek(0)
        standing: dict[str, Entry] = {}
        for text in file:
            try:
                line = _LINE.decode(text)
            except msgspec.DecodeError:  # an empty line, or one that was cut short
                continue
            if isinstance(line, Entry):
                standing[line.id] = line
            else:
                standing.pop(line.id, None)
        return standing


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def standing(fault: str, what: str, lift: AnyLift) -> Iterator[Entry]:
    """Keep a fault in the ledger while the block runs, and lift it at the end, however the block ends.

    The block injects and asserts its effect. A process forked inside it lifts nothing: the fault is its parent's.
    Raises LiftFailed when the fault stays; it then stays in the ledger, too.
    """
    ledger = Ledger()
    owner = os.getpid()
    entry = ledger.record(fault, what, lift)
    try:
        yield entry
    finally:
        if os.getpid() == owner:
            lift.lift()
            ledger.strike(entry)
