"""Lift every fault that a killed run left behind: `python -m chaos.lift`, or `make lift`.

A fault whose owner lives is never touched, and nor is one whose owner cannot be seen from here. Lifting twice is
harmless.
"""

from __future__ import annotations

import fcntl
import sys
from collections.abc import Callable
from dataclasses import dataclass

from chaos.identity import Life
from chaos.ledger import Entry, Ledger
from chaos.lift_kinds import LiftFailed
from harness.lab import scratch

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """What one sweep did."""

    lifted: tuple[Entry, ...]
    left_alone: tuple[Entry, ...]
    failed: tuple[Entry, ...]


def sweep(say: Say, ledger: Ledger | None = None) -> Sweep:
    """Lift what stands without an owner, the newest first, and say each in one line."""
    ledger = ledger or Ledger()
    if not ledger.standing():
        return Sweep(lifted=(), left_alone=(), failed=())
    lifted: list[Entry] = []
    left_alone: list[Entry] = []
    failed: list[Entry] = []
    with ledger.path.with_name(f"{ledger.path.name}.sweep").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of two sweeps at once the second finds nothing left
        for entry in ledger.standing():
            life = entry.owner.life()
            if life is not Life.GONE:
                say(f"left alone: {entry.what} (its owner, process {entry.owner.pid}, is {life.value})")
                left_alone.append(entry)
                continue
            try:
                say(f"lifted: {entry.what}: {entry.lift.lift()}")
            except LiftFailed as error:
                say(f"NOT lifted: {entry.what}: {error}")
                failed.append(entry)
                continue
            ledger.strike(entry)
            lifted.append(entry)
    return Sweep(lifted=tuple(lifted), left_alone=tuple(left_alone), failed=tuple(failed))


def main() -> int:
    """0 when nothing without an owner stands any more, 1 when something could not be lifted."""
    done = sweep(print)
    folders = scratch.sweep()
    for folder in folders:
        print(f"removed: {folder}, the scratch folder of a lab that was killed")
    if not (done.lifted or done.left_alone or done.failed or folders):
        print("no fault stands: nothing to lift")
    return 1 if done.failed else 0


if __name__ == "__main__":
    sys.exit(main())
