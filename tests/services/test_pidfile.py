"""A process that only a pid file names: looked at, never acted on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.services import PidfilePort, ServiceFailed


def test_the_process_of_the_file_is_running(tmp_path: Path) -> None:
    """This very process."""
    (tmp_path / "bot.pid").write_text(f"{os.getpid()}\n", encoding="ascii")
    said = PidfilePort(tmp_path).look("bot.pid")

    assert (said.state, said.pid) == ("running", os.getpid())


def test_a_pid_that_nobody_has_is_failed(tmp_path: Path) -> None:
    """The process has ended and left its file."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (tmp_path / "bot.pid").write_text(str(ended.pid), encoding="ascii")
    said = PidfilePort(tmp_path).look("bot.pid")

    assert (said.state, said.pid) == ("failed", None)


def test_no_file_is_stopped(tmp_path: Path) -> None:
    """It was never started, or ended well."""
    assert PidfilePort(tmp_path).look("bot.pid").state == "stopped"


@pytest.mark.parametrize("text", ["", "no number", "12 13", "-5", "0", "9" * 400])
def test_a_file_that_names_no_process_is_not_seen(tmp_path: Path, text: str) -> None:
    """It says neither running nor stopped."""
    (tmp_path / "bot.pid").write_text(text, encoding="ascii")

    with pytest.raises(ServiceFailed, match="names no process"):
        PidfilePort(tmp_path).look("bot.pid")


@pytest.mark.parametrize("act", ["start", "stop", "restart"])
def test_nobody_acts_through_a_pid_file(tmp_path: Path, act: str) -> None:
    """A service manager is needed for that."""
    with pytest.raises(ServiceFailed, match="only a pid file"):
        getattr(PidfilePort(tmp_path), act)("bot.pid")
