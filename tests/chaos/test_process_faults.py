"""What a live process suffers under each fault, and that it recovers when the fault is lifted."""

from __future__ import annotations

import errno
import os
import signal
from pathlib import Path

import pytest

from chaos.faults import descriptor_limit, file_size_limit, hang, kill, memory_limit, pause
from chaos.faults.victim import victim
from chaos.identity import STOPPED, Life, identify
from chaos.ledger import Ledger
from tests.chaos.patient import Patient


def test_a_killed_process_is_gone(patient: Patient) -> None:
    """SIGKILL ends it inside the block, and nothing stays in the ledger."""
    with kill(patient.pid) as process:
        assert process.life() is Life.GONE

    assert patient.exit_code() == -signal.SIGKILL
    assert Ledger().standing() == []


def test_a_paused_process_answers_only_afterwards(patient: Patient) -> None:
    """A stopped process takes its orders and does nothing until it is continued."""
    with pause(patient.pid) as process:
        patient.send("hello")
        assert process.state() == STOPPED

    assert patient.answer() == "done"


def test_a_paused_process_may_be_killed_meanwhile(patient: Patient) -> None:
    """A remedy that kills the stuck process does not trouble the lift."""
    with pause(patient.pid):
        os.kill(patient.pid, signal.SIGKILL)
        code = patient.exit_code()

    assert code == -signal.SIGKILL
    assert Ledger().standing() == []


@pytest.mark.needs("strace")
def test_a_hung_process_answers_only_afterwards(patient: Patient) -> None:
    """Its call does not come back, and yet nobody has stopped it; when the fault is lifted it goes on."""
    with hang(patient.pid) as process:
        patient.send("hello")
        held = process.state()

    assert held not in (STOPPED, "")
    assert patient.answer() == "done"
    assert Ledger().standing() == []


@pytest.mark.needs("strace")
def test_a_hung_process_may_be_killed_meanwhile(patient: Patient) -> None:
    """Whoever kills the hung process does not trouble the lift, and its parent learns of the end after that."""
    with hang(patient.pid):
        os.kill(patient.pid, signal.SIGKILL)

    assert patient.exit_code() == -signal.SIGKILL
    assert Ledger().standing() == []


def test_a_heartbeat_fits_where_a_cache_does_not(patient: Patient, tmp_path: Path) -> None:
    """Under a file size limit small files are written and large ones fail with EFBIG; afterwards both are written."""
    with file_size_limit(patient.pid, bytes_max=512):
        heartbeat = patient.write(tmp_path / "heartbeat", 100)
        cache = patient.write(tmp_path / "cache", 4096)
        left_bytes = (tmp_path / "cache").stat().st_size

    assert heartbeat == "done"
    assert cache == f"OSError {errno.EFBIG}"
    assert left_bytes == 512
    assert patient.write(tmp_path / "cache", 4096) == "done"
    assert (tmp_path / "cache").stat().st_size == 4096


def test_a_process_without_descriptors_opens_nothing(patient: Patient) -> None:
    """After its spare descriptors the next open fails with EMFILE; afterwards it opens again."""
    with descriptor_limit(patient.pid, spare=2):
        said = [patient.tell("open /dev/null") for _ in range(3)]
    again = patient.tell("open /dev/null")

    assert said == ["done", "done", f"OSError {errno.EMFILE}"]
    assert again == "done"


def test_a_process_without_memory_cannot_allocate(patient: Patient) -> None:
    """64 MiB are refused with a MemoryError under the limit, and granted after it."""
    with memory_limit(patient.pid, headroom_bytes=1 << 20):
        said = patient.tell(f"allocate {64 << 20}")
    again = patient.tell(f"allocate {64 << 20}")

    assert said == "MemoryError None"
    assert again == "done"


def test_process_faults_lift_themselves_when_the_block_fails(patient: Patient, tmp_path: Path) -> None:
    """An exception in the block leaves a process that runs, writes and opens as before."""
    with (
        pytest.raises(ZeroDivisionError),
        file_size_limit(patient.pid, bytes_max=0),
        descriptor_limit(patient.pid),
        pause(patient.pid),
    ):
        raise ZeroDivisionError

    assert patient.write(tmp_path / "cache", 4096) == "done"
    assert Ledger().standing() == []


@pytest.mark.parametrize("pid", [1, os.getpid(), os.getppid()], ids=["init", "this run", "its parent"])
def test_the_run_itself_is_no_victim(pid: int) -> None:
    """A fault refuses to strike the process that would have to lift it, and those above it."""
    with pytest.raises(ValueError, match="this run or one that it runs under"):
        victim(pid)


def test_a_process_that_ended_is_no_victim(patient: Patient) -> None:
    """A pid that nobody has is an error in one sentence, not a fault that did nothing."""
    os.kill(patient.pid, signal.SIGKILL)
    patient.exit_code()

    with pytest.raises(ProcessLookupError, match=f"no process {patient.pid} runs here"):
        pause(patient.pid).__enter__()


def test_a_pid_that_was_given_to_another_is_not_the_same_process(patient: Patient) -> None:
    """A process is known by its start, too: another start means that ours is gone."""
    process = identify(patient.pid)
    reused = type(process)(
        pid=process.pid, started_ticks=process.started_ticks - 1, boot=process.boot, namespace=process.namespace
    )

    assert process.life() is Life.ALIVE
    assert reused.life() is Life.GONE
