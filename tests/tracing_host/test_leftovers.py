"""Forks do not meet each other, and nothing is left of a call or of a host."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import psutil
import pytest

from harness.tracing.host import CanaryHost, HostFailed, RawRun
from tests.tracing_host.bots import hosted, left_of, marked, until
from tests.tracing_host.canary_bot import BOT, run


def test_processes_that_outlive_a_call_are_ended(host: CanaryHost) -> None:
    """Children, children in sessions of their own and daemons end with the call that started them, and are named."""
    answer = run(host, "daemonise")

    assert answer.outcome == "returned"
    assert len([note for note in answer.notes if "outlived" in note]) >= 2
    assert left_of(host.plan) == [host.pid]


def test_calls_at_once_do_not_disturb_each_other(host: CanaryHost) -> None:
    """A hanging call and a daemonising one run beside others, which are answered in between."""
    answers: dict[str, RawRun] = {}
    deadlines_s = {"hang": 1.5, "daemonise": 10.0, "pid": 10.0, "boom": 10.0}

    def call(name: str) -> None:
        answers[name] = run(host, name, deadlines_s[name])

    threads = [threading.Thread(target=call, args=(name,)) for name in deadlines_s]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    outcomes = {name: answer.outcome for name, answer in answers.items()}
    assert outcomes == {"hang": "timed out", "daemonise": "returned", "pid": "returned", "boom": "raised"}
    assert left_of(host.plan) == [host.pid]


def test_a_daemon_of_a_call_that_still_runs_is_left_alone(host: CanaryHost, tmp_path: Path) -> None:
    """It has no parent but the fork server any more, as one that was left behind; another call's end spares it."""
    fifo, answers = tmp_path / "fifo", []
    os.mkfifo(fifo)
    thread = threading.Thread(target=lambda: answers.append(run(host, "ask_a_daemon", args=[str(fifo)])))
    thread.start()
    with fifo.open("w", encoding="ascii") as tell:  # opens when the daemon has opened its end
        other = run(host, "pid")
        tell.write("spared")
    thread.join()

    assert (answers[0].outcome, answers[0].returned) == ("returned", "'spared'")
    assert (other.outcome, other.notes) == ("returned", [])


def test_event_loop_of_import_is_each_forks_own(host: CanaryHost) -> None:
    """Forks that run at once on the loop which import made do not wake for each other's sockets."""
    answers: dict[str, str] = {}

    def converse(name: str) -> None:
        answers[name] = run(host, "by_loop_of_import", args=[name]).returned

    threads = [threading.Thread(target=converse, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == {name: f"['{name}']" for name in "abc"}


def names_in(folder: Path | None) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder else []


def bare_start_s() -> float:
    """How long an interpreter takes to start and end without anything to do, in seconds."""
    began_s = time.perf_counter()
    subprocess.run([sys.executable, "-c", ""], check=True)
    return time.perf_counter() - began_s


def test_hundred_forks_leave_nothing(host: CanaryHost) -> None:
    """A hundred calls leave no process, no descriptor on either side and no file; the quick ones take less than the
    start of a bare interpreter."""
    process = psutil.Process(host.pid)
    run(host, "nothing")
    before = (process.num_fds(), psutil.Process().num_fds(), names_in(host.folder))
    took_s = []
    for _ in range(100):
        began_s = time.perf_counter()
        assert run(host, "nothing").outcome == "returned"
        took_s.append(time.perf_counter() - began_s)
    after = (process.num_fds(), psutil.Process().num_fds(), names_in(host.folder))

    assert after == before
    assert process.children(recursive=True) == []
    # The lower quarter: what it costs, and not what else this machine was doing.
    assert statistics.quantiles(took_s, n=4)[0] < min(bare_start_s() for _ in range(5))


def cut_off(host: CanaryHost) -> None:
    """A call whose host is closed while it runs."""
    with pytest.raises(HostFailed, match="the canary host was closed"):
        run(host, "hang", 60.0)


def test_closed_host_leaves_nothing(tmp_path: Path) -> None:
    """After the end of a host nothing of it runs, no file is left, and the bot's exit handlers have not run."""
    with hosted(tmp_path, BOT) as host:
        run(host, "nothing")
        hanging = threading.Thread(target=cut_off, args=(host,))
        hanging.start()
        assert until(lambda: len(left_of(host.plan)) == 2)
    hanging.join()

    assert left_of(host.plan) == []
    assert host.folder is not None
    assert not host.folder.exists()
    assert oct(Path(host.plan.log_path).stat().st_mode & 0o777) == "0o600"
    assert {path.name for path in (tmp_path / "bot").iterdir()} - {"__pycache__"} == {"trader.py"}


OWNER = """
    import sys
    from pathlib import Path
    from harness.tracing.host import Call
    from tests.tracing_host.bots import hosted
    from tests.tracing_host.canary_bot import BOT

    with hosted(Path(sys.argv[1]), BOT) as host:
        print(host.plan.env["CANARY_TEST"], host.folder, flush=True)
        host.run(Call(target="trader:hang"), deadline_s=60.0)
"""


def test_host_dies_with_its_owner(tmp_path: Path) -> None:
    """Where the owner is killed, host and fork end too, and the host clears away what its owner cannot."""
    command = [sys.executable, "-c", textwrap.dedent(OWNER), str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as owner:
        assert owner.stdout is not None
        mark, folder = owner.stdout.readline().split()
        running = until(lambda: len(marked(mark)) == 2)
        owner.kill()

    assert running
    assert until(lambda: marked(mark) == [])
    assert not Path(folder).exists()
