"""The bot's own processes, redirected and kept on loopback by two environment variables."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from harness.tracing.host import probe_environment
from tests.tracing_host.bots import http_echo, interpreters, ran

BY_URLLIB = """
    import json, urllib.request
    with urllib.request.urlopen("https://api.unusualwhales.com/api/flow") as answer:
        print(answer.geturl(), json.load(answer)["path"])
"""


def environment(folder: Path, redirects: dict[str, str], *python_path: str) -> dict[str, str]:
    settings = folder / "probe.json"
    settings.write_text(json.dumps({"redirects": redirects}), encoding="utf-8")
    return {"PATH": os.environ["PATH"], **probe_environment(settings, list(python_path))}


@pytest.mark.parametrize("python", interpreters())
def test_service_is_redirected(tmp_path: Path, python: str) -> None:
    """A process with a hard-coded host asks loopback, in every interpreter there is."""
    with http_echo() as echo:
        answer = ran(python, BY_URLLIB, environment(tmp_path, {"https://api.unusualwhales.com": echo.url}))

    assert answer.stdout == "https://api.unusualwhales.com/api/flow /api/flow\n", answer.stderr


@pytest.mark.parametrize("python", interpreters())
def test_service_may_not_leave_the_machine(tmp_path: Path, python: str) -> None:
    """A foreign host is refused and said so on stderr, in every interpreter there is."""
    source = "import socket\nsocket.create_connection(('198.51.100.7', 443), timeout=1)\n"
    answer = ran(python, source, environment(tmp_path, {}))

    assert "signal probe: egress guard: connecting to 198.51.100.7:443 was refused" in answer.stderr
    assert answer.returncode == 1


def test_children_of_a_service_are_guarded_too(tmp_path: Path) -> None:
    """A service's own children inherit guard and redirection."""
    program = "import urllib.request, json\nprint(json.load(urllib.request.urlopen('https://a.example/x'))['path'])"
    source = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {program!r}], check=True)"
    with http_echo() as echo:
        answer = ran(sys.executable, source, environment(tmp_path, {"https://a.example": echo.url}))

    assert answer.stdout == "/x\n", answer.stderr


def test_scope_comes_by_environment(tmp_path: Path) -> None:
    """SIGNAL_PROBE_SCOPE puts a service into one copy of the world."""
    with http_echo() as echo:
        redirected = environment(tmp_path, {"https://api.unusualwhales.com": echo.url})
        answer = ran(sys.executable, BY_URLLIB, {**redirected, "SIGNAL_PROBE_SCOPE": "c3"})

    assert answer.stdout.endswith(" /@c3/api/flow\n"), answer.stderr


def test_hidden_sitecustomize_still_runs(tmp_path: Path) -> None:
    """A sitecustomize of the bot's environment runs after ours, and is the one that is imported."""
    own = tmp_path / "own"
    own.mkdir()
    (own / "sitecustomize.py").write_text("mine = True\n", encoding="utf-8")
    source = "import sys, sitecustomize\nprint(sitecustomize.mine, [p for p in sys.path if p.endswith('probe/boot')])"
    answer = ran(sys.executable, source, environment(tmp_path, {}, str(own)))

    assert answer.stdout == "True []\n", answer.stderr


@pytest.mark.parametrize("settings", ["", "{", '{"redirects": {"https://a.example": "https://198.51.100.7"}}', "[]"])
def test_service_that_cannot_be_guarded_does_not_run(tmp_path: Path, settings: str) -> None:
    """Settings that cannot be read or name a target off loopback end the process, with one sentence."""
    path = tmp_path / "probe.json"
    path.write_text(settings, encoding="utf-8")
    answer = ran(sys.executable, "print('ran')", {"PATH": os.environ["PATH"], **probe_environment(path, [])})

    assert (answer.returncode, answer.stdout) == (78, "")
    assert answer.stderr.startswith(f"signal probe: the guard cannot be set up from {path}")


def test_nothing_is_done_without_settings(tmp_path: Path) -> None:
    """The folder on PYTHONPATH alone guards nothing and loads nothing."""
    path = {"PYTHONPATH": probe_environment(tmp_path, [])["PYTHONPATH"]}
    answer = ran(sys.executable, "import sys; print('_signal_probe' in sys.modules)", path)

    assert answer.stdout == "False\n"
