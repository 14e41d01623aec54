"""One fork as its parent sees it: what it writes, its deadline, and its end."""

from __future__ import annotations

import json
import os
import signal
import time
from typing import Any

from . import where
from .child import FINISH_SIGNAL, STACK_SIGNAL
from .isolation import ask

TAIL_BYTES = 65536
GRACE_S = 0.3
"""How long a fork that is out of time may take to write its stack and its record."""


class Running:
    """A fork that has not been reaped yet."""

    def __init__(self, number: int, deadline_s: float) -> None:
        self.number, self.deadline_s = number, deadline_s
        self.output, self._output_child = os.pipe()
        self.result, self._result_child = os.pipe()
        os.set_blocking(self.output, False)
        os.set_blocking(self.result, False)
        self.stack = os.memfd_create("stack")
        self.pid = self.pidfd = -1
        self.moved: dict[str, str] = {}
        self._began_s = time.monotonic()
        self.next_s = self._began_s + deadline_s
        self._out_of_time = False
        self._written, self._answer = bytearray(), bytearray()

    @property
    def child_ends(self) -> tuple[int, int, int]:
        """The descriptors that the fork writes to: output, result, stack."""
        return self._output_child, self._result_child, self.stack

    @property
    def parent_ends(self) -> list[int]:
        """The descriptors that no fork has any business with."""
        return [number for number in (self.output, self.result, self.pidfd) if number >= 0]

    def forked(self, pid: int) -> None:
        self.pid, self.pidfd = pid, os.pidfd_open(pid)
        os.close(self._output_child)
        os.close(self._result_child)

    def read_output(self) -> bool:
        """Take what is there; False when nobody can write any more."""
        more = _drained(self.output, self._written)
        del self._written[:-TAIL_BYTES]
        return more

    def read_result(self) -> bool:
        """Take what is there; False when nobody can write any more."""
        return _drained(self.result, self._answer)

    def tick(self, now_s: float) -> None:
        """Past the deadline: ask for stack and record; past the grace: kill."""
        if now_s < self.next_s:
            return
        if not self._out_of_time:
            self._out_of_time = True
            self.next_s = now_s + GRACE_S
            ask(self.pid, STACK_SIGNAL)
            ask(self.pid, FINISH_SIGNAL)
            return
        self.kill()
        self.next_s = now_s + 3600.0

    def kill(self) -> None:
        """Kill the fork and every process of its group; also before it has made its group."""
        for kill in (os.killpg, os.kill):
            try:
                kill(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue  # no such group yet, or nothing left of it

    def reaped(self) -> dict[str, Any]:
        """Collect the fork, which has ended, with all its group; the run as JSON."""
        self.kill()
        try:
            status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        except ChildProcessError:
            status = 0  # the bot ignores SIGCHLD, so the kernel has reaped it already
        self.read_output()
        while self._answer and self.read_result() and not self._said():
            continue
        run = self._said() or self._died(status)
        if self._out_of_time and run["outcome"] in ("died", "timed out"):
            run.update(outcome="timed out", **self._hung(run["detail_at"]))
        run["output"] = bytes(self._written).decode("utf-8", "replace")
        for number in (self.output, self.result, self.pidfd, self.stack):
            os.close(number)
        return run

    def _said(self) -> dict[str, Any] | None:
        try:
            said: dict[str, Any] = json.loads(bytes(self._answer))
        except ValueError:
            return None  # nothing, or the half of an answer: it died while it spoke
        return said

    def _died(self, status: int) -> dict[str, Any]:
        how = (
            f"killed by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}, saying nothing"
        )
        return {
            "outcome": "died",
            "detail": how,
            "detail_at": where.of_stack(self._stack_text())[0],
            "returned": "",
            "record": {},
            "notes": [],
            "duration_s": time.monotonic() - self._began_s,
        }

    def _hung(self, at: str) -> dict[str, str]:
        bots, innermost = where.of_stack(self._stack_text())
        waiting = f", in {innermost}" if innermost else ""
        return {"detail": f"still running after {self.deadline_s:g} s{waiting}", "detail_at": bots or at}

    def _stack_text(self) -> str:
        return os.pread(self.stack, 1 << 20, 0).decode("utf-8", "replace")


def _drained(number: int, into: bytearray) -> bool:
    # Not until it is empty: a fork that writes without end must not keep its parent from the others' deadlines.
    for _ in range(16):
        try:
            chunk = os.read(number, 65536)
        except BlockingIOError:
            return True
        if not chunk:
            return False
        into += chunk
    return True
