"""The canary host: a bot imported once in its own interpreter, which forks for each canary."""

from __future__ import annotations

import itertools
import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from harness.services.plain_file import read_plain
from harness.tracing.plan import Call, HostFailed, HostPlan, RawRun
from harness.tracing.probe import where
from harness.tracing.probe.aside import recover
from harness.tracing.probe.channel import Channel
from harness.tracing.probe.child import STACK_SIGNAL
from harness.tracing.probe.isolation import SERIAL, ask
from harness.tracing.probe.orphans import drop_clock

__all__ = ["Call", "CanaryHost", "HostFailed", "HostPlan", "RawRun", "probe_environment"]

PROBE = Path(__file__).parent / "probe"
ANSWER_SLACK_S = 10.0
"""How much longer than its deadline a run may take to be answered, before the host itself is given up."""
STACK_WAIT_S = 0.5
STOP_WAIT_S = 5.0


def probe_environment(settings: Path, python_path: list[str]) -> dict[str, str]:
    """What a process of the bot needs in its environment to be redirected and kept on loopback.

    `settings` is a JSON file {"redirects": {URL: URL on loopback}}, which the caller writes; `python_path` is what
    PYTHONPATH would hold without us.
    """
    path = os.pathsep.join([str(PROBE / "boot"), *python_path])
    return {"PYTHONPATH": path, "SIGNAL_PROBE": str(settings)}


class CanaryHost:
    """A running fork server. Use it as a context manager, or `close` it; it ends with its owner in any case.

    `run` may be called from several threads; without mount namespaces the calls take turns.
    """

    def __init__(self, plan: HostPlan) -> None:
        self.plan = plan
        self.import_seconds = 0.0
        self.quarantined_threads: list[str] = []
        self.notes: list[str] = []
        self.isolation = ""
        self._closed = False
        self._sites: dict[int, Any] = {}
        self._numbers = itertools.count(1)
        self._answers: dict[int, queue.SimpleQueue[dict[str, Any] | None]] = {}
        self._lock, self._turn = threading.Lock(), threading.Lock()
        self.folder: Path | None = None
        self._stack = os.memfd_create("canary-host-stack")
        ours, theirs = socket.socketpair()
        self._channel = Channel(ours)
        try:
            self._process = self._launched(theirs)
        except OSError as error:
            self._release()
            what = error.filename or plan.python
            sentence = f"the bot's interpreter cannot be started: {what}: {error.strerror}"
            raise HostFailed("interpreter", sentence) from error
        finally:
            theirs.close()
        self._reader = threading.Thread(target=self._read, name="canary-host", daemon=True)

    @classmethod
    def start(cls, plan: HostPlan, deadline_s: float = 30.0) -> Self:
        """Import the bot. Raises HostFailed where that does not succeed within `deadline_s`."""
        host = cls(plan)
        try:
            host._import(deadline_s)
        except BaseException:
            host.close()
            raise
        host._reader.start()
        return host

    @property
    def pid(self) -> int:
        return self._process.pid

    def run(self, call: Call, deadline_s: float) -> RawRun:
        """Make one call in a fork, which is killed after `deadline_s`. Raises HostFailed where the host is gone."""
        if self.isolation == SERIAL:
            with self._turn:
                return self._run(call, deadline_s)
        return self._run(call, deadline_s)

    def close(self) -> None:
        """End the host, every fork and every process that they left. Twice is as good as once."""
        if self._closed:
            return
        self._closed = True
        self._channel.socket.shutdown(socket.SHUT_RDWR)
        try:
            self._process.wait(STOP_WAIT_S)
        except subprocess.TimeoutExpired:
            self._kill()
            self._process.wait()
        if self._reader.is_alive():
            self._reader.join()
        drop_clock(self.pid)
        self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _launched(self, theirs: socket.socket) -> subprocess.Popen[bytes]:
        control, stack = theirs.fileno(), self._stack
        log = os.open(self.plan.log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            return subprocess.Popen(
                [self.plan.python, str(PROBE / "host.py"), str(control), str(stack)],
                cwd=self.plan.cwd,
                env=self.plan.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(control, stack),
                start_new_session=True,
            )
        finally:
            os.close(log)

    def _guard(self) -> Mapping[str, str]:
        """The environment that guards Pythons which the bot itself starts."""
        settings = self.plan.env.get("SIGNAL_PROBE")
        if settings is None:
            self.folder = Path(tempfile.mkdtemp(prefix="canary-host-"))
            path = self.folder / "probe.json"
            path.touch(mode=0o600)
            path.write_text(json.dumps({"redirects": self.plan.redirects}), encoding="utf-8")
            settings = str(path)
        boot = str(PROBE / "boot")
        given = [entry for entry in self.plan.env.get("PYTHONPATH", "").split(os.pathsep) if entry and entry != boot]
        return probe_environment(Path(settings), given)

    def _import(self, deadline_s: float) -> None:
        guard = self._guard()
        self._channel.socket.settimeout(deadline_s)
        try:
            self._channel.send({**asdict(self.plan), "env": {}, "guard": guard, "folder": str(self.folder or "")})
            answer = self._channel.first()
        except TimeoutError:
            raise self._hung(deadline_s) from None
        except ConnectionError:
            answer = None
        self._channel.socket.settimeout(None)
        if answer is None:
            raise self._died()
        if "failed" in answer:
            told = answer["failed"]
            raise HostFailed(told["kind"], told["sentence"], told["where"], tuple(told["quarantined"]))
        ready = answer["ready"]
        self.import_seconds, self.isolation = ready["import_seconds"], ready["isolation"]
        self.quarantined_threads, self.notes = ready["quarantined"], ready["notes"]

    def _hung(self, deadline_s: float) -> HostFailed:
        ask(self.pid, STACK_SIGNAL)
        until_s = time.monotonic() + STACK_WAIT_S
        while time.monotonic() < until_s and not where.of_stack(self._stack_text())[0]:
            time.sleep(0.01)
        at, innermost = where.of_stack(self._stack_text())
        self._kill()
        waiting = f", in {innermost}" if innermost else ""
        modules = ", ".join(self.plan.modules)
        return HostFailed("timed out", f"importing {modules} did not end within {deadline_s:g} s{waiting}", at)

    def _kill(self) -> None:
        """End the host and what import started beside it; forks have groups of their own and end with the host."""
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return  # it has ended by itself

    def _died(self) -> HostFailed:
        status = self._process.wait()
        how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
        at = where.of_stack(self._stack_text())[0]
        last = _last_line(Path(self.plan.log_path))
        said = f", and the last it said was: {last}" if last else ", and it said nothing"
        return HostFailed("died", f"the bot's interpreter {how}{said}", at)

    def _stack_text(self) -> str:
        return os.pread(self._stack, 1 << 20, 0).decode("utf-8", "replace")

    def _run(self, call: Call, deadline_s: float) -> RawRun:
        number, answers = next(self._numbers), queue.SimpleQueue[dict[str, Any] | None]()
        self._answers[number] = answers
        try:
            with self._lock:
                self._channel.send({"run": number, "deadline_s": deadline_s, "call": asdict(call)})
            answer = answers.get(timeout=deadline_s + ANSWER_SLACK_S)
        except OSError:
            answer = None
        except queue.Empty:
            self._process.kill()
            raise HostFailed(
                "stuck", f"the canary host did not answer {ANSWER_SLACK_S:g} s past the deadline"
            ) from None
        finally:
            del self._answers[number]
        if answer is None and self._closed:
            raise HostFailed("closed", "the canary host was closed while a call was running or before it")
        if answer is None:
            raise self._died()
        return RawRun(**answer)

    def _read(self) -> None:
        while True:
            try:
                messages = self._channel.take()
            except OSError:
                messages = None  # closed from this side
            if messages is None:
                break
            for message in messages:
                self._complete(message)
                if "run" in message and message["run"] in self._answers:
                    self._answers[message["run"]].put(message["answer"])
        for answers in list(self._answers.values()):
            answers.put(None)

    def _complete(self, message: dict[str, Any]) -> None:
        """Put into a record the sites that it names by number; the host says each of them once."""
        self._sites.update({int(number): site for number, site in message.get("sites", {}).items()})
        record = message.get("answer", {}).get("record", {})
        if record:
            record["sites"].update({number: self._sites[number] for number in record.pop("known")})

    def _release(self) -> None:
        self._channel.socket.close()
        os.close(self._stack)
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
        recover(self.plan.private_dirs)


def _last_line(path: Path) -> str:
    """The last line that says anything, 300 characters of it at most; the file goes with the bench."""
    lines = [line.strip() for line in read_plain(path, tail=4096).decode("utf-8", "replace").splitlines()]
    return next((line[:300] for line in reversed(lines) if line), "")
