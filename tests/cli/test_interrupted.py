"""A command that is ended from outside: one sentence, exit 3, and nothing of it left running."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from harness.cli import interrupt
from harness.cli.progress import say
from tests.canary.attached import attached
from tests.cli.running import ROOT
from tests.lab.leftovers import processes_of, scratch_place, tree_hash, until

SAID = "harness: interrupted; everything that was started has been taken down\n"


@contextmanager
def started(place: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """`python -m harness ARGUMENTS` with its temporary files in `place`."""
    with subprocess.Popen(
        [sys.executable, "-m", "harness", *arguments],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(place)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def impatiently(process: subprocess.Popen[str], number: signal.Signals) -> int:
    """Ask it to end, again and again until it has; its exit code."""
    for _ in range(600):
        process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            return process.wait(0.05)
    raise AssertionError("it did not end")


@pytest.mark.parametrize(("number", "at"), [(signal.SIGTERM, "send the canaries"), (signal.SIGINT, "receipt: guard")])
def test_an_interrupted_verify_takes_everything_down(number: signal.Signals, at: str, tmp_path: Path) -> None:
    """In the middle of a canary or of a fault, however impatiently: exit 3, no process, no folder, no change."""
    deployment = attached(tmp_path, "trades_rightly", loop=True)
    before = tree_hash(deployment.root)
    with scratch_place() as place:
        command = ("verify", "--bot", str(deployment.toml_path), "--reports", str(tmp_path / "reports"))
        with started(place, *command) as process:
            assert process.stderr is not None
            assert any(at in line for line in process.stderr)
            code, said = impatiently(process, number), process.stderr.read()

        assert (code, said[-len(SAID) :]) == (3, SAID)
        assert until(lambda: processes_of(place) == []), processes_of(place)
        assert list(place.iterdir()) == []
    assert tree_hash(deployment.root) == before


@pytest.mark.parametrize("number", interrupt.SIGNALS)
def test_an_interruption_that_a_finalizer_lost_is_obeyed_at_the_next_step(
    number: signal.Signals, capfd: pytest.CaptureFixture[str]
) -> None:
    """Python drops what is raised in a finalizer; and while everything comes down, no second signal breaks into it."""
    before = {one: signal.getsignal(one) for one in interrupt.SIGNALS}
    try:
        interrupt.listen()
        with suppress(KeyboardInterrupt):
            signal.raise_signal(number)
        signal.raise_signal(number)
        with pytest.raises(interrupt.Interrupted):
            say("receipt: cache")
        interrupt.listen()
        say("the next command")
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
    said = capfd.readouterr().err.splitlines()

    assert said == ["harness: still taking everything down", "  the next command ..."]


def test_a_killed_verify_leaves_nothing_running(tmp_path: Path) -> None:
    """SIGKILL runs no handler: the bot's processes, the canary host and supervisord end by themselves."""
    deployment = attached(tmp_path, "trades_rightly", loop=True)
    before = tree_hash(deployment.root)
    with scratch_place() as place:
        command = ("verify", "--bot", str(deployment.toml_path), "--reports", str(tmp_path / "reports"))
        with started(place, *command) as process:
            assert process.stderr is not None
            assert any("send the canaries" in line for line in process.stderr)
            process.kill()
            process.wait(30.0)

        assert until(lambda: processes_of(place) == []), processes_of(place)
    assert tree_hash(deployment.root) == before


def test_a_lab_stays_up_until_it_is_interrupted(tmp_path: Path) -> None:
    """One JSON line says where everything is; Ctrl-C ends it, and nothing is left."""
    deployment = attached(tmp_path, "trades_rightly", loop=True)
    with scratch_place() as place, started(place, "lab", "--bot", str(deployment.toml_path)) as process:
        assert process.stdout is not None
        where = json.loads(process.stdout.readline())
        running = processes_of(place)
        process.send_signal(signal.SIGINT)
        code = process.wait(30.0)
        left = processes_of(place)

        assert Path(where["folder"]).is_relative_to(place)
        assert all(url.startswith("http://127.0.0.1:") for url in where["upstreams"].values())
        assert len(running) >= 2
        assert (code, left, list(place.iterdir())) == (3, [], [])
