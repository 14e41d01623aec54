"""A process that only a pid file names: it can be looked at, and nobody here may start or stop it."""

from __future__ import annotations

from pathlib import Path

import psutil

from harness.services.plain_file import read_plain
from harness.services.port import ServiceFailed, ServiceState

_PID_END = 2**31
"""No process has this number or a higher one. Source: proc(5), pid_max."""


class PidfilePort:
    """Pid files below one folder; the service's name is the file's path relative to it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def look(self, name: str) -> ServiceState:
        path = self._root / name
        try:
            pid = int(read_plain(path).decode("ascii").strip())
            if not 0 < pid < _PID_END:
                raise ValueError(f"{pid} is no process")
        except FileNotFoundError:
            return ServiceState(state="stopped", detail=f"{name} does not exist")
        except (OSError, ValueError) as error:
            raise ServiceFailed(f"{path} names no process: {error}") from None
        alive = psutil.pid_exists(pid)
        return ServiceState(
            state="running" if alive else "failed", pid=pid if alive else None, detail=f"pid file {name}"
        )

    def start(self, name: str) -> None:
        raise ServiceFailed(f"{name} is only a pid file; a service manager is needed to start it")

    stop = start
    restart = start
