"""The bench's own supervisord: the bot's processes under a real supervisor that restarts nothing by itself.

It dies with its owner (PR_SET_PDEATHSIG, prctl(2)), and takes the bot's process groups with it.
"""

from __future__ import annotations

import ctypes
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from harness.deployment import Deployment
from harness.services import ServiceFailed, SupervisorPort
from harness.tracing.probe.orphans import drop_clock
from harness.vocabulary.roles import Service

START_DEADLINE_S = 10.0
_PR_SET_PDEATHSIG = 1

_HEAD = """[unix_http_server]
file={folder}/supervisor.sock
chmod=0600
[supervisord]
logfile={folder}/supervisord.log
logfile_maxbytes=0
loglevel=warn
pidfile={folder}/supervisord.pid
childlogdir={folder}
nodaemon=true
silent=true
umask=077
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""

_PROGRAM = """[program:{name}]
command={command}
directory={directory}
autostart=false
autorestart=false
startsecs=0
startretries=0
stopwaitsecs=1
stopasgroup=true
killasgroup=true
redirect_stderr=true
stdout_logfile={log}
stdout_logfile_maxbytes=0
environment={environment}
"""


class SupervisedServices:
    """The services of one bench. `port` is the door that observe and healing use."""

    def __init__(self, deployment: Deployment, folder: Path, environment: Mapping[str, str]) -> None:
        self._deployment = deployment
        self._folder = folder
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self.port = SupervisorPort(str(folder / "supervisor.sock"))

    @property
    def launched(self) -> bool:
        """Whether this bench has a supervisord."""
        return self._process is not None

    @property
    def roots(self) -> list[int]:
        """The pid of supervisord, under which every service runs; none before `launch`."""
        return [self._process.pid] if self._process is not None else []

    def launch(self) -> None:
        """Start supervisord; it is not yet ready. Call from the main thread: a parent-death signal follows the
        thread that started the process."""
        configuration = self._folder / "supervisord.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(self._configuration(), encoding="utf-8")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(configuration)],
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=(self._folder / "supervisord.err").open("wb"),
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - one prctl call, no locks, no allocation that matters
        )

    def start_all(self, wait: Callable[[Callable[[], bool], float], bool]) -> None:
        """Wait for supervisord, then start every service. Raises `ServiceFailed` where it does not come up."""
        if not wait(self._answers, START_DEADLINE_S):
            raise ServiceFailed(f"supervisord did not come up: {self._said()}")
        for role in self._deployment.toml.services:
            self.port.start(role)

    def pid(self, role: Service) -> int:
        """The pid of a running service; raises `ServiceFailed` when it has none."""
        pid = self.port.look(role).pid
        if pid is None:
            raise ServiceFailed(f"{role} is not running")
        return pid

    def any_ended(self) -> bool:
        """Whether a service that was started has ended by itself: then there is nothing more to wait for."""
        return any(self.port.look(role).state in ("failed", "stopped") for role in self._deployment.toml.services)

    def output(self, role: Service) -> Path:
        """The file that holds what the service printed."""
        return self._folder / f"{role}.out"

    def close(self) -> None:
        """Stop supervisord and with it every service; nothing is left running."""
        if self._process is None:
            return
        for role in self._deployment.toml.services:
            self._kill(role)
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(5.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _kill(self, role: Service) -> None:
        """End a service at once: the bench is torn down and nobody needs its goodbye."""
        try:
            pid = self.port.look(role).pid
        except ServiceFailed:
            return  # supervisord is gone already; its children went with it
        if pid is not None:
            try:
                os.killpg(pid, signal.SIGKILL)
            except ProcessLookupError:
                return  # it ended by itself between the look and the kill
            finally:
                drop_clock(pid)

    def _answers(self) -> bool:
        if not (self._folder / "supervisor.sock").exists():
            return False
        try:
            self.port.look(next(iter(self._deployment.toml.services)))
        except ServiceFailed:
            return False
        return True

    def _said(self) -> str:
        lines = (self._folder / "supervisord.err").read_text(errors="replace").strip().splitlines()
        return lines[-1] if lines else "it said nothing"

    def _configuration(self) -> str:
        text = _HEAD.format(folder=self._folder)
        environment = ",".join(f'{name}="{_quoted(value)}"' for name, value in self._environment.items())
        for role in self._deployment.toml.services:
            text += _PROGRAM.format(
                name=role,
                command=_quoted(shlex.join(self._deployment.command(role))),
                directory=self._deployment.root,
                log=self.output(role),
                environment=environment,
            )
        return text


def _quoted(value: str) -> str:
    """A value inside supervisor's configuration, where `%` begins an expansion."""
    return value.replace("%", "%%")


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
