"""Small real bots in a scratch folder, the plan to host them, and a loopback server that says what it was asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
from websockets.sync.server import ServerConnection, serve

from harness.tracing.host import CanaryHost, HostPlan

MARK = "CANARY_TEST"


def interpreters() -> list[str]:
    """This interpreter and every other that this machine has of 3.12 and 3.13."""
    found = sorted((Path.home() / ".pyenv" / "versions").glob("3.1[23].*/bin/python"))
    return [sys.executable, *(str(path) for path in found)]


def plan_of(folder: Path, source: str, *, modules: tuple[str, ...] = ("trader",), **changed: Any) -> HostPlan:
    """A plan for the bot whose only module, `trader`, has this source."""
    root = folder / "bot"
    root.mkdir(exist_ok=True)
    (root / "trader.py").write_text(textwrap.dedent(source), encoding="utf-8")
    plan: dict[str, Any] = {
        "python": sys.executable,
        "cwd": str(root),
        "env": {"PATH": os.environ["PATH"], "NO_PROXY": "*", "HOME": str(folder), MARK: uuid4().hex},
        "sys_path": [str(root)],
        "modules": list(modules),
        "traced": [],
        "mode": "off",
        "redirects": {},
        "private_dirs": [],
        "log_path": str(folder / "host.log"),
    }
    return HostPlan(**{**plan, **changed})


@contextmanager
def hosted(folder: Path, source: str, **changed: Any) -> Iterator[CanaryHost]:
    """The bot of this source, imported and ready to fork."""
    with CanaryHost.start(plan_of(folder, source, **changed), deadline_s=20.0) as host:
        yield host


def left_of(plan: HostPlan) -> list[int]:
    """The pids of processes that still run and descend from a host of this plan."""
    return marked(plan.env[MARK])


def marked(mark: str) -> list[int]:
    """The pids of processes that were started with this mark in their environment and have not ended."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(MARK) == mark and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
        except psutil.Error:
            continue  # it ended while we looked
    return found


def until(condition: Callable[[], bool], deadline_s: float = 10.0) -> bool:
    """Whether the condition came to hold before the deadline."""
    until_s = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() > until_s:
            return False
    return True


@dataclass(slots=True, kw_only=True)
class Echo:
    """A server on loopback, and the paths and Host headers that it was asked with."""

    url: str
    asked: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def http_echo() -> Iterator[Echo]:
    """Answers any GET with its own path and Host header, as JSON."""
    echo = Echo(url="")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            echo.asked.append((self.path, self.headers["Host"]))
            body = json.dumps({"path": self.path, "host": self.headers["Host"]}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    echo.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield echo
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def ws_echo() -> Iterator[Echo]:
    """Answers a websocket's first message with the path it was opened by."""
    echo = Echo(url="")

    def answer(connection: ServerConnection) -> None:
        request = connection.request
        path = request.path if request else ""
        echo.asked.append((path, request.headers["Host"] if request else ""))
        connection.recv()
        connection.send(path)

    with serve(answer, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        echo.url = f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        try:
            yield echo
        finally:
            server.shutdown()
            thread.join()


def ran(python: str, source: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """A program of this source in a process of its own, with nothing but this environment."""
    command = [python, "-c", textwrap.dedent(source)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)
