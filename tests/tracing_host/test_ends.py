"""How a call may end, and what is told of it."""

from __future__ import annotations

import time

import pytest

from harness.tracing.host import CanaryHost
from tests.tracing_host.canary_bot import line, run

ENDS = {
    "boom": ("raised", "ValueError: no good", 'raise ValueError("no good")'),
    "leave": ("exited", "SystemExit(3)", "sys.exit(3)"),
    "leave_at_once": ("exited", "os._exit(7)", "os._exit(7)"),
    "die": ("died", "killed by SIGKILL", ""),
    "crash": ("died", "killed by SIGSEGV", "ctypes.string_at(0)"),
}


@pytest.mark.parametrize("name", list(ENDS))
def test_every_end_is_told_apart(host: CanaryHost, name: str) -> None:
    """Raising, exiting, dying: each is its own outcome, with the bot's own line where one is known."""
    outcome, detail, text = ENDS[name]
    answer = run(host, name)

    assert (answer.outcome, answer.detail, answer.detail_at) == (outcome, detail, line(host, text) if text else "")


def test_hanging_call_shows_where(host: CanaryHost) -> None:
    """A call that hangs is ended at its deadline, with the line where it hung and what it had printed."""
    answer = run(host, "hang", deadline_s=0.3)

    assert (answer.outcome, answer.detail_at) == ("timed out", line(host, "time.sleep(600)"))
    assert answer.detail.startswith("still running after 0.3 s, in hang")
    assert answer.output == "hanging\n"


@pytest.mark.parametrize("name", ["stuck", "stop", "print_on"])
def test_nothing_outlives_its_deadline(host: CanaryHost, name: str) -> None:
    """A call that blocks signals, is stopped, or writes without end is ended all the same."""
    began_s = time.monotonic()
    answer = run(host, name, deadline_s=0.2)

    assert answer.outcome == "timed out"
    assert time.monotonic() - began_s < 5.0
    assert len(answer.output) <= 65536


def test_work_in_threads_is_awaited(host: CanaryHost) -> None:
    """What a call has handed to a pool or a thread still happens, as it would in the bot's own process."""
    assert set(run(host, "submit_later").output.split("\n")) == {"sent by pool", "sent by thread", ""}


def test_waiting_for_a_thread_shows_the_waiting_line(host: CanaryHost) -> None:
    """With several threads the stack is that of the call, not of whichever thread took the signal."""
    answer = run(host, "wait_for_thread", deadline_s=0.2)

    assert (answer.outcome, answer.detail_at) == ("timed out", line(host, "thread.join()"))


def test_endless_thread_is_noted(host: CanaryHost) -> None:
    """A thread that never ends does not hold the run, and is named."""
    answer = run(host, "endless_thread")

    assert (answer.outcome, answer.notes) == (
        "returned",
        ["threads still running when the call had ended: stream"],
    )


def test_thread_past_the_deadline_does_not_spoil_the_answer(host: CanaryHost) -> None:
    """A call that returned in time has returned, though its threads went on past the deadline."""
    answer = run(host, "endless_thread", deadline_s=0.2)

    assert (answer.outcome, answer.returned) == ("returned", "None")
