"""`python -m harness drill` as its own process, with a scratch folder and a ledger of its own to look into."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from chaos.ledger import Entry, Ledger

ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 120.0
"""A drill takes some seconds; on a machine that is busy with other tests, many times as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one drill leaves its traces: its scratch folders in `scratch`, its faults in `ledger`."""

    scratch: Path
    ledger: Ledger

    def environment(self) -> dict[str, str]:
        return {**os.environ, "TMPDIR": str(self.scratch), "CHAOS_LEDGER": str(self.ledger.path)}

    def processes(self) -> list[str]:
        """The command lines of all processes that work in the scratch folder, or name it."""
        found = []
        for process in psutil.process_iter():
            try:
                words, folder = process.cmdline(), process.cwd()
            except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
                continue  # it ended between the listing and the look, so it is not left behind
            if folder.startswith(str(self.scratch)) or any(str(self.scratch) in word for word in words):
                found.append(" ".join(words))
        return found

    def folders(self) -> list[str]:
        """The lab folders that stand in the scratch folder."""
        return sorted(path.name for path in self.scratch.glob("signal-lab-*"))

    def mounts(self) -> list[str]:
        """Mounts below the scratch folder, in this namespace."""
        lines = Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()
        return [line for line in lines if str(self.scratch) in line]

    def standing(self) -> list[Entry]:
        """The faults in the ledger that nobody has lifted."""
        return self.ledger.standing()


def run(place: Place, *words: str) -> subprocess.CompletedProcess[str]:
    """A drill to its end."""
    return subprocess.run(
        [sys.executable, "-m", "harness", "drill", *words],
        cwd=ROOT,
        env=place.environment(),
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )


def lift(place: Place) -> subprocess.CompletedProcess[str]:
    """`python -m chaos.lift` on the ledger of this place."""
    return subprocess.run(
        [sys.executable, "-m", "chaos.lift"],
        cwd=ROOT,
        env=place.environment(),
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )


@contextmanager
def in_the_middle(place: Place, point: str, step: str) -> Iterator[subprocess.Popen[str]]:
    """A drill of `point` that has the fault in its bench and has begun `step`. Ended at the end, if nobody has."""
    process = subprocess.Popen(
        [sys.executable, "-m", "harness", "drill", point],
        cwd=ROOT,
        env=place.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if line.strip().startswith(f"{step} "):
                break
        else:
            raise AssertionError(f"the drill ended before {step}: {''.join(said)}")
        yield process
    finally:
        process.kill()
        process.wait()
