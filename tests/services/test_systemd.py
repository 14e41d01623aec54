"""systemd as `systemctl` tells it: a program on PATH that answers as systemd 255 does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.services import ServiceFailed, SystemdPort


def shown(active: str, sub: str, pid: int, status: int = 0, result: str = "success", load: str = "loaded") -> str:
    """What `systemctl show -p ...` prints."""
    facts = {
        "LoadState": load,
        "ActiveState": active,
        "SubState": sub,
        "MainPID": pid,
        "ExecMainStatus": status,
        "Result": result,
    }
    return "".join(f"{name}={value}\\n" for name, value in facts.items())


RUNNING = shown("active", "running", 4711)
FAILED = shown("failed", "failed", 0, 3, "exit-code")
DEAD = shown("inactive", "dead", 0)
STARTING = shown("activating", "start", 12)
NOT_FOUND = shown("inactive", "dead", 0, load="not-found")


@pytest.fixture
def systemctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The first `systemctl` on PATH; a test writes what it does."""
    program = tmp_path / "systemctl"
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return program


def answers(program: Path, text: str, *, code: int = 0, stream: int = 1) -> None:
    """Let it say `text` and end with `code`; what it was asked stands in `asked` beside it."""
    asked = program.with_name("asked")
    program.write_text(
        f"#!/bin/sh\necho \"$@\" >> {asked}\nprintf '{text}' >&{stream}\nexit {code}\n", encoding="ascii"
    )
    program.chmod(0o755)


@pytest.mark.parametrize(
    ("told", "state", "pid", "exit_status"),
    [
        (RUNNING, "running", 4711, None),
        (FAILED, "failed", None, 3),
        (DEAD, "stopped", None, 0),
        (STARTING, "starting", 12, None),
    ],
)
def test_each_state_is_one_word(
    systemctl: Path, told: str, state: str, pid: int | None, exit_status: int | None
) -> None:
    """Running, failed, stopped or starting; a pid of 0 is none."""
    answers(systemctl, told)
    said = SystemdPort().look("bot.service")

    assert (said.state, said.pid, said.exit_status) == (state, pid, exit_status)


def test_an_unknown_unit_is_said_to_be_unknown(systemctl: Path) -> None:
    """`systemctl show` answers for a unit that does not exist too, and with exit code 0."""
    answers(systemctl, NOT_FOUND)

    with pytest.raises(ServiceFailed, match="knows no unit bot"):
        SystemdPort().look("bot.service")


def test_a_machine_without_systemd_is_not_a_failed_unit(systemctl: Path) -> None:
    """Its sentence is passed on."""
    answers(systemctl, "System has not been booted with systemd as init system\\n", code=1, stream=2)

    with pytest.raises(ServiceFailed, match="not been booted with systemd"):
        SystemdPort().look("bot.service")


def test_no_systemctl_at_all_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing on PATH: name another service manager."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ServiceFailed, match="systemctl is not on this machine"):
        SystemdPort().look("bot.service")


def test_an_answer_that_never_comes_has_a_deadline(systemctl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bus hangs: one sentence, in time."""
    systemctl.write_text("#!/bin/sh\nexec sleep 60\n", encoding="ascii")
    systemctl.chmod(0o755)
    monkeypatch.setattr("harness.services.systemd.DEADLINE_S", 0.2)

    with pytest.raises(ServiceFailed, match="did not answer within"):
        SystemdPort().look("bot.service")


@pytest.mark.parametrize("told", ["", "nonsense\\n", "MainPID=many\\n", "ActiveState=active\\nMainPID=many\\n"])
def test_an_answer_that_nobody_understands_is_not_seen(systemctl: Path, told: str) -> None:
    """No word of it is taken for OK, nor for a failed unit."""
    answers(systemctl, told)

    with pytest.raises(ServiceFailed, match="answered what nobody understands"):
        SystemdPort().look("bot.service")


@pytest.mark.parametrize(
    ("user", "act", "asked"),
    [(False, "start", "start bot"), (False, "stop", "stop bot"), (True, "restart", "--user restart bot")],
)
def test_acts_are_what_systemctl_is_asked(systemctl: Path, user: bool, act: str, asked: str) -> None:
    """Start, stop and restart by name, of the system or of the user."""
    answers(systemctl, "")
    getattr(SystemdPort(user=user), act)("bot")

    assert systemctl.with_name("asked").read_text(encoding="ascii").strip() == asked


def test_a_refused_act_says_why(systemctl: Path) -> None:
    """The first line of what systemd says."""
    answers(systemctl, "Access denied\\nsee polkit\\n", code=4, stream=2)

    with pytest.raises(ServiceFailed, match=r"systemctl restart bot: Access denied$"):
        SystemdPort().restart("bot")
