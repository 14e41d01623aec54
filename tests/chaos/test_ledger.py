"""The ledger knows what stands, survives crashes, and never takes a fault from a living owner."""

from __future__ import annotations

import fcntl
import os
import resource
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from chaos.identity import ProcessId, identify, myself
from chaos.ledger import Entry, Ledger, standing
from chaos.lift import sweep
from chaos.lift_kinds import Kill, LiftFailed, NothingToLift, ResetLimit
from tests.chaos.patient import Patient


def _dead_owner() -> ProcessId:
    me = myself()
    return ProcessId(pid=me.pid, started_ticks=me.started_ticks, boot="an earlier boot", namespace=me.namespace)


def _orphan(ledger: Ledger, what: str) -> Entry:
    """An entry whose owner died with an earlier boot of the machine."""
    entry = ledger.record("test", what, NothingToLift())
    text = ledger.path.read_text(encoding="utf-8")
    ledger.path.write_text(text.replace(entry.owner.boot, _dead_owner().boot), encoding="utf-8")
    return entry


def test_a_fault_is_written_down_before_it_acts_and_struck_out_after() -> None:
    """Inside the block the file names it with its owner, for the user alone; afterwards the file is empty."""
    ledger = Ledger()
    with standing("pause", "pause of process 7", NothingToLift()):
        entries, mode = ledger.standing(), ledger.path.stat().st_mode & 0o777

    assert [(entry.fault, entry.what, entry.owner) for entry in entries] == [("pause", "pause of process 7", myself())]
    assert mode == 0o600
    assert ledger.path.read_bytes() == b""


def test_a_line_that_a_crash_cut_short_hides_nothing() -> None:
    """Half a line stands for a fault that never acted; what is written after it is still found."""
    ledger = Ledger()
    first = ledger.record("test", "first", NothingToLift())
    with ledger.path.open("ab") as file:
        file.write(b'{"type":"injected","id":"1')
    second = ledger.record("test", "second", NothingToLift())

    assert [entry.id for entry in ledger.standing()] == [second.id, first.id]


def test_threads_write_whole_lines() -> None:
    """Many writers at once lose no entry while it stands, and strike out every one."""
    ledger = Ledger()
    kept: list[bool] = []

    def inject() -> None:
        for _ in range(3):
            with standing("test", "from a thread", NothingToLift()) as entry:
                kept.append(entry in ledger.standing())

    threads = [threading.Thread(target=inject) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert kept == [True] * 12
    assert ledger.standing() == []


def test_a_writer_waits_for_the_lock() -> None:
    """While another process holds the ledger nothing is written into it, and afterwards everything is."""
    ledger = Ledger()
    ledger.strike(ledger.record("test", "makes the file", NothingToLift()))
    writer = threading.Thread(target=ledger.record, args=("test", "waits", NothingToLift()))
    with ledger.path.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        writer.start()
        writer.join(timeout=0.2)
        before = ledger.path.read_bytes()
    writer.join()

    assert before == b""
    assert [entry.what for entry in ledger.standing()] == ["waits"]


_FORKING = """
import fcntl
import os
from chaos.ledger import Ledger, standing
from chaos.lift_kinds import NothingToLift

parent = os.getpid()
with standing("test", "the parent's", NothingToLift()):
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        print("inside", len(Ledger().standing()))
if os.getpid() == parent:
    print("after", len(Ledger().standing()))
"""


def test_a_fork_lifts_nothing() -> None:
    """A child that was forked inside the block and leaves it does not lift its parent's fault."""
    done = subprocess.run([sys.executable, "-c", _FORKING], capture_output=True, text=True, check=True, timeout=30)

    assert done.stdout == "inside 1\nafter 0\n"


def test_a_sweep_leaves_a_living_owner_alone() -> None:
    """What stands for a process that runs is only told."""
    said: list[str] = []
    with standing("pause", "pause of process 7", NothingToLift()) as entry:
        done = sweep(said.append)
        left = Ledger().standing()

    assert done.left_alone == (entry,)
    assert left == [entry]
    assert said == [f"left alone: pause of process 7 (its owner, process {os.getpid()}, is alive)"]


def test_an_owner_in_another_pid_namespace_is_left_alone(ledger_file: Path) -> None:
    """A container that shares the cache may live though its pid means nothing here."""
    ledger = Ledger()
    entry = ledger.record("test", "theirs", NothingToLift())
    text = ledger_file.read_text(encoding="utf-8")
    ledger_file.write_text(text.replace(entry.owner.namespace, "pid:[1]"), encoding="utf-8")
    said: list[str] = []
    done = sweep(said.append)

    assert len(done.left_alone) == 1
    assert "is out of sight" in said[0]


def test_a_sweep_lifts_the_newest_first_and_only_once() -> None:
    """Faults upon faults come off in reverse, and a second sweep finds nothing."""
    ledger = Ledger()
    _orphan(ledger, "older")
    _orphan(ledger, "newer")
    said: list[str] = []
    first, second = sweep(said.append), sweep(said.append)

    assert [entry.what for entry in first.lifted] == ["newer", "older"]
    assert second.lifted == ()
    assert said == ["lifted: newer: nothing to lift", "lifted: older: nothing to lift"]


def _stubborn(patient: Patient) -> ResetLimit:
    """A lift that the kernel refuses: a soft limit above the hard one."""
    return ResetLimit(process=identify(patient.pid), limit=resource.RLIMIT_CORE, soft=2, hard=1)


def test_what_cannot_be_lifted_stays_in_the_ledger(patient: Patient) -> None:
    """A lift that fails is told, kept, and makes the command fail."""
    ledger = Ledger()
    entry = ledger.record("test", "a limit", _stubborn(patient))
    text = ledger.path.read_text(encoding="utf-8")
    owner = f'"owner":{{"pid":{entry.owner.pid},"started_ticks":'
    ledger.path.write_text(text.replace(f"{owner}{entry.owner.started_ticks}", f"{owner}1"), encoding="utf-8")
    command = [sys.executable, "-m", "chaos.lift"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)

    assert done.returncode == 1
    assert done.stdout.startswith(f"NOT lifted: a limit: process {patient.pid} keeps its limit")
    assert [left.id for left in ledger.standing()] == [entry.id]


def test_the_command_says_when_nothing_stands() -> None:
    """`python -m chaos.lift` on a clean machine ends with 0 and says so."""
    command = [sys.executable, "-m", "chaos.lift"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)

    assert (done.returncode, done.stdout) == (0, "no fault stands: nothing to lift\n")


def test_a_lift_never_strikes_a_process_that_took_the_pid(patient: Patient) -> None:
    """A server's pid that belongs to somebody else by now is not killed."""
    me = myself()
    stale = ProcessId(pid=patient.pid, started_ticks=1, boot=me.boot, namespace=me.namespace)

    assert Kill(process=stale).lift() == f"process {patient.pid} has ended"
    assert patient.tell("hello") == "done"


def test_a_failing_lift_keeps_the_entry_and_says_why(patient: Patient) -> None:
    """When the block's own lift fails the error comes out, and the entry stays for a sweep."""
    with pytest.raises(LiftFailed, match="keeps its limit"), standing("test", "stubborn", _stubborn(patient)) as entry:
        inside = Ledger().standing()

    assert inside == [entry]
    assert Ledger().standing() == [entry]
