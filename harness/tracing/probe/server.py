"""The fork server: imports the bot once, then answers each call with a fork. One thread, one loop.

Speaks JSON lines over the socket it is given: the plan in, `ready` or `failed` out; then calls in, runs out. When the
socket closes its owner is gone, and so is everything here.
"""

from __future__ import annotations

import functools
import gc
import os
import selectors
import shutil
import signal
import socket
import sys
import time
import warnings
from collections import deque
from collections.abc import Callable
from typing import Any, NoReturn

from . import aside, child, contain, isolation, orphans, where
from .channel import Channel
from .importing import Failed, imported
from .running import Running


def main(control: int, stack: int) -> NoReturn:
    """Serve until the owner closes its end. Never returns: what the bot registered for exit does not run."""
    channel = Channel(socket.socket(fileno=control))
    channel.socket.set_inheritable(False)
    status, folder = 0, ""
    try:
        plan = channel.first()
        if plan is not None:
            plan["control"], folder = control, plan["folder"]
            channel.send({"ready": _start(plan, stack, lambda told: channel.send({"failed": told}))})
            Server(channel, plan).serve()
    except Failed as failed:
        channel.send({"failed": failed.told})
        status = 1
    except BrokenPipeError:
        status = 1  # the owner is gone: nobody is left to tell
    except Exception as error:  # noqa: BLE001 - the owner must hear of it, whatever it is
        channel.send({"failed": {"kind": "host", "sentence": where.said(error), "where": "", "quarantined": []}})
        status = 1
    finally:
        orphans.sweep(set(), set())
        orphans.drop_clock(os.getpid())
        if folder:
            # The owner does this too; but it may have been killed.
            shutil.rmtree(folder, ignore_errors=True)
        contain.leave(status)


def _start(plan: dict[str, Any], stack: int, failed: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    isolation.control(isolation.PR_SET_CHILD_SUBREAPER, 1)
    # The signal comes when the thread that started this process ends, so it holds for the import only; after it the
    # closing of the socket says the same.
    isolation.control(isolation.PR_SET_PDEATHSIG, signal.SIGKILL)
    put_back = aside.recover(plan["private_dirs"])
    plan["isolation"] = isolation.SERIAL if not plan["namespaces"] or isolation.why_not() else isolation.NAMESPACE
    ready = imported(plan, stack, failed)
    isolation.control(isolation.PR_SET_PDEATHSIG, 0)
    ready["notes"] += [f"put back as it was before a canary that was cut off: {directory}" for directory in put_back]
    ready["isolation"] = plan["isolation"]
    gc.collect()
    gc.freeze()
    return ready


class Server:
    """The loop: calls that wait, forks that run, and what each of them writes."""

    def __init__(self, channel: Channel, plan: dict[str, Any]) -> None:
        self._channel, self._plan = channel, plan
        self._namespace = plan["isolation"] == isolation.NAMESPACE
        # poll, not epoll: a fork shares nothing of it with its parent.
        self._selector = selectors.PollSelector()
        self._running: dict[int, Running] = {}
        self._waiting: deque[dict[str, Any]] = deque()
        self._spared = orphans.children()
        self._open = True
        self._recording = sys.modules.get(f"{__package__}.record")
        self._sites: list[Any] = [] if self._recording is None else self._recording.sites.SITES
        self._told: set[int] = set()

    def serve(self) -> None:
        """Answer calls until the owner closes its end; what then still runs is killed."""
        self._selector.register(self._channel.socket, selectors.EVENT_READ, self._take)
        while self._open:
            for key, _ in self._selector.select(self._until_next()):
                if key.fileobj in self._selector.get_map():
                    key.data()
            now_s = time.monotonic()
            for run in self._running.values():
                run.tick(now_s)
            self._begin()
        for run in list(self._running.values()):
            run.kill()
            run.reaped()
            aside.put_back(run.moved)

    def _until_next(self) -> float | None:
        if not self._running:
            return None
        return max(0.0, min(run.next_s for run in self._running.values()) - time.monotonic())

    def _take(self) -> None:
        messages = self._channel.take()
        if messages is None:
            self._open = False
        else:
            self._waiting.extend(messages)

    def _begin(self) -> None:
        while self._waiting and (self._namespace or not self._running):
            self._fork(self._waiting.popleft())

    def _fork(self, asked: dict[str, Any]) -> None:
        call = asked["call"]
        run = Running(asked["run"], asked["deadline_s"])
        if not self._namespace:
            run.moved = aside.step_aside(child.images(call, self._plan))
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        output, result, stack = run.child_ends
        close = [self._channel.socket.fileno(), *run.parent_ends]
        close += [number for other in self._running.values() for number in (*other.parent_ends, other.stack)]
        post = child.Post(
            parent=os.getpid(),
            output=output,
            result=result,
            stack=stack,
            close=close,
            known=len(self._sites),
            namespace=self._namespace,
            moved=run.moved,
        )
        with warnings.catch_warnings():
            # Python warns of threads that numerical libraries keep in C; those look after forks themselves.
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
        if pid == 0:
            child.live(call, self._plan, post, self._recording)
        run.forked(pid)
        self._running[pid] = run
        for number, read in ((run.output, run.read_output), (run.result, run.read_result)):
            self._selector.register(number, selectors.EVENT_READ, functools.partial(self._read, number, read))
        self._selector.register(run.pidfd, selectors.EVENT_READ, lambda: self._end(run))

    def _read(self, number: int, read: Callable[[], bool]) -> None:
        if not read():
            self._selector.unregister(number)

    def _end(self, run: Running) -> None:
        for number in run.parent_ends:
            if number in self._selector.get_map():
                self._selector.unregister(number)
        del self._running[run.pid]
        answer = run.reaped()
        killed = orphans.sweep(self._spared, set(self._running))
        answer["notes"] += [f"a process outlived the call and was killed: {name}" for name in killed]
        aside.put_back(run.moved)
        answer["isolation"] = self._plan["isolation"]
        self._channel.send({"run": run.number, "answer": answer, "sites": self._untold(answer["record"])})

    def _untold(self, record: dict[str, Any]) -> dict[int, Any]:
        """The sites that a record names by number and the owner has not met: each is said once, for they are most of
        what there is to say."""
        untold = set(record.get("known", ())) - self._told
        self._told |= untold
        return {number: self._sites[number] for number in untold}
