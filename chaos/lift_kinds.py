"""How each fault is taken back, as records that outlive the process that injected it.

A record holds plain values only, so that another process can read it from the ledger and act on it. `lift()` is
idempotent, says in one clause what it did, and raises LiftFailed when the fault is still there afterwards.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import msgspec

from chaos.file_image import FileImage
from chaos.identity import STOPPED, Life, ProcessId
from chaos.waiting import wait_until
from chaos.wire.api import Api, NotThere, Unreachable, WireError

LIFT_WITHIN_S = 5.0


class LiftFailed(Exception):
    """A fault is still there; the message names it and the way out."""


class LiftKind(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What is common to all ways of lifting."""

    def lift(self) -> str:
        """Take the fault back, and say what was done."""
        raise LiftFailed(f"{type(self).__name__} says no way of lifting")


class NothingToLift(LiftKind, frozen=True, kw_only=True):
    """The fault was an event, not a state: a killed process is started again by its supervisor, not by us."""

    def lift(self) -> str:
        return "nothing to lift"


class Resume(LiftKind, frozen=True, kw_only=True):
    """SIGCONT for a stopped process."""

    process: ProcessId

    def lift(self) -> str:
        if self.process.life() is not Life.ALIVE:
            return f"process {self.process.pid} is gone, stopped or not"
        with contextlib.suppress(ProcessLookupError):  # it may end between the look and the signal
            os.kill(self.process.pid, signal.SIGCONT)
        if not wait_until(lambda: self.process.state() != STOPPED, within_s=LIFT_WITHIN_S):
            raise LiftFailed(f"process {self.process.pid} stays stopped; look with `ps -o stat= -p {self.process.pid}`")
        return f"process {self.process.pid} runs on"


class Kill(LiftKind, frozen=True, kw_only=True):
    """SIGKILL for a process of our own, such as the Toxiproxy server."""

    process: ProcessId

    def lift(self) -> str:
        if self.process.life() is not Life.ALIVE:
            return f"process {self.process.pid} has ended"
        with contextlib.suppress(ProcessLookupError):  # it may end between the look and the signal
            os.kill(self.process.pid, signal.SIGKILL)
        if not wait_until(lambda: self.process.life() is not Life.ALIVE, within_s=LIFT_WITHIN_S):
            raise LiftFailed(f"process {self.process.pid} survives SIGKILL; is it stuck in the kernel?")
        return f"process {self.process.pid} killed"


class ResetLimit(LiftKind, frozen=True, kw_only=True):
    """Give a live process back the soft limit it had. The hard limit was never touched, so no root is needed."""

    process: ProcessId
    limit: int
    soft: int
    hard: int

    def lift(self) -> str:
        if self.process.life() is not Life.ALIVE:
            return f"process {self.process.pid} is gone, and its limit with it"
        try:
            resource.prlimit(self.process.pid, self.limit, (self.soft, self.hard))
        except ProcessLookupError:
            return f"process {self.process.pid} is gone, and its limit with it"
        except (PermissionError, ValueError) as error:
            raise LiftFailed(f"process {self.process.pid} keeps its limit ({error}); restart it") from error
        return f"process {self.process.pid} has its limit back"


class Restore(LiftKind, frozen=True, kw_only=True):
    """Put back the file that was there, byte for byte, if it still is as the fault left it.

    Where it is not, somebody mended it meanwhile (the bot, a remedy), and theirs stays.
    """

    path: str
    before: FileImage
    left_digest: str  # empty: the fault left no file

    def lift(self) -> str:
        target = Path(self.path)
        if FileImage.digest_of(target) != self.left_digest:
            self.before.forget()
            return f"{self.path} was written anew meanwhile, so it stays"
        try:
            self.before.put_back(target)
        except OSError as error:
            raise LiftFailed(f"{self.path} is not put back ({error}); its bytes are in {self.before.copy}") from error
        self.before.forget()
        return f"{self.path} is as it was"


class Unmount(LiftKind, frozen=True, kw_only=True):
    """Take a mount away, in the mount namespace that it was made in."""

    mountpoint: str
    namespace: str

    def lift(self) -> str:
        if str(Path("/proc/self/ns/mnt").readlink()) != self.namespace:
            return f"{self.mountpoint} was mounted in a namespace that is not ours, and goes with it"
        if not Path(self.mountpoint).is_mount():
            return f"{self.mountpoint} is not mounted"
        # Lazily: a process that still holds a file there must not keep the fault in place for all others.
        done = subprocess.run(
            ["umount", "--lazy", self.mountpoint], capture_output=True, text=True, check=False, timeout=LIFT_WITHIN_S
        )
        if done.returncode != 0:
            raise LiftFailed(f"{self.mountpoint} stays mounted ({done.stderr.strip()}); run `umount` as root")
        return f"{self.mountpoint} unmounted"


class DeleteProxy(LiftKind, frozen=True, kw_only=True):
    """Delete a proxy from a Toxiproxy server that is not ours to kill."""

    url: str
    proxy: str

    def lift(self) -> str:
        return _on_wire(self.url, f"proxy {self.proxy}", lambda api: api.delete_proxy(self.proxy))


class DeleteToxic(LiftKind, frozen=True, kw_only=True):
    """Take one toxic off a proxy."""

    url: str
    proxy: str
    toxic: str

    def lift(self) -> str:
        subject = f"toxic {self.toxic} of {self.proxy}"
        return _on_wire(self.url, subject, lambda api: api.delete_toxic(self.proxy, self.toxic))


class EnableProxy(LiftKind, frozen=True, kw_only=True):
    """Let a proxy that was taken down listen again."""

    url: str
    proxy: str

    def lift(self) -> str:
        return _on_wire(self.url, f"outage of {self.proxy}", lambda api: api.set_enabled(self.proxy, enabled=True))


class RemoveContainer(LiftKind, frozen=True, kw_only=True):
    """Kill and remove a container of ours."""

    container: str

    def lift(self) -> str:
        from chaos.wire.container import remove  # the docker SDK is loaded only where a container was

        try:
            remove(self.container)
        except OSError as error:
            raise LiftFailed(f"container {self.container} is still there ({error}); `docker rm -f` it") from error
        return f"container {self.container} removed"


def _on_wire(url: str, subject: str, act: Callable[[Api], None]) -> str:
    """Ask the server; where it is gone, so is everything that it held."""
    try:
        act(Api(url))
    except NotThere:
        return f"{subject} is not there"
    except Unreachable:
        return f"{subject} went with its server"
    except WireError as error:
        raise LiftFailed(f"{subject} stays ({error}); restart the Toxiproxy at {url}") from error
    return f"{subject} lifted"


AnyLift = (
    NothingToLift
    | Resume
    | Kill
    | ResetLimit
    | Restore
    | Unmount
    | DeleteProxy
    | DeleteToxic
    | EnableProxy
    | RemoveContainer
)
