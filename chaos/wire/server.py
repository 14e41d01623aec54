"""One Toxiproxy server for this process, on a free loopback port, that cannot outlive it.

The kernel kills it with us (setpriv's --pdeathsig), and the ledger knows it, for a machine without setpriv.
That signal follows the *thread* that started the child, so a keeper thread starts it and lives as long as it does.
Source: setpriv(1), prctl(2) PR_SET_PDEATHSIG; Shopify/toxiproxy README, "CLI".
"""

from __future__ import annotations

import atexit
import contextlib
import os
import queue
import shutil
import socket
import subprocess
import tempfile
import threading
import uuid
from contextlib import ExitStack
from types import TracebackType
from typing import IO

from chaos.identity import identify
from chaos.ledger import standing
from chaos.lift_kinds import DeleteProxy, Kill, RemoveContainer
from chaos.waiting import wait_until
from chaos.wire import container
from chaos.wire.api import Api, NotThere, Unreachable, WireError
from chaos.wire.provision import Provision, Say, Source, only_loopback, provision
from chaos.wire.proxy import WireProxy

READY_WITHIN_S = 10.0
_ATTEMPTS = 5  # the free port may be taken between our look and the server's


class ToxiproxyServer:
    """A running server, and the proxies that we made on it. Use it as a context manager."""

    def __init__(self, found: Provision | None = None, *, say: Say = lambda _: None) -> None:
        """`found` None: look for one, and build it where there is a network to fetch it. Raises NoToxiproxy."""
        self.provision = found or provision(say, may_build=not only_loopback())
        self._api: Api | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._ours = ExitStack()
        self._token = uuid.uuid4().hex[:8]
        self._owner = 0

    @property
    def description(self) -> str:
        """What it is and where it came from, for the report."""
        return self.provision.description

    @property
    def api(self) -> Api:
        """Raises Unreachable before the start and after the end."""
        if self._api is None:
            raise Unreachable("this Toxiproxy server does not run; use it as a context manager")
        return self._api

    @property
    def pid(self) -> int | None:
        """The server's process; None where it is not our child."""
        return None if self._process is None else self._process.pid

    def __enter__(self) -> ToxiproxyServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start it and return once it answers; a second call does nothing.

        Raises WireError, with the server's own words, when it does not answer.
        """
        if self._api is not None:
            return
        self._owner = os.getpid()
        if self.provision.source is Source.URL:
            self._api = Api(self.provision.place)
            return
        said = ""
        for _ in range(_ATTEMPTS):
            port = _free_port()
            api = Api(f"http://127.0.0.1:{port}")
            with ExitStack() as attempt:
                said = self._start_at(port, api, attempt)
                if not said:
                    self._ours.push(attempt.pop_all())
                    self._api = api
                    return
            self._process = None
            if "address already in use" not in said:
                break
        raise WireError(f"the Toxiproxy server ({self.provision.place}) did not start: {said}")

    def _start_at(self, port: int, api: Api, attempt: ExitStack) -> str:
        """Try one port; empty when the server answers there, else what it said. `attempt` undoes the try."""
        if self.provision.source is Source.DOCKER:
            name = f"signal-to-order-{uuid.uuid4().hex[:12]}"
            attempt.enter_context(standing("toxiproxy", f"Toxiproxy container {name}", RemoveContainer(container=name)))
            try:
                container.start(self.provision.place, port, name=name)
            except container.EngineFailed as error:
                return str(error)
            answers = wait_until(lambda: _answers(api), within_s=READY_WITHIN_S)
            return "" if answers else f"no answer in {READY_WITHIN_S:.0f} s"
        log = attempt.enter_context(tempfile.TemporaryFile())  # noqa: SIM115  the stack closes it
        process = self._process = _spawn([self.provision.place, "-host", "127.0.0.1", "-port", str(port)], log)
        attempt.callback(process.wait)
        attempt.callback(process.kill)
        with contextlib.suppress(ProcessLookupError):  # it may have ended already; then there is nothing to kill
            kill = Kill(process=identify(process.pid))
            attempt.enter_context(standing("toxiproxy", f"Toxiproxy server {process.pid} at {api.url}", kill))
        wait_until(lambda: process.poll() is not None or _answers(api), within_s=READY_WITHIN_S)
        if process.poll() is None and _answers(api):
            return ""
        log.seek(0)
        words = log.read().decode(errors="replace").strip()
        return words[-400:] or f"no answer in {READY_WITHIN_S:.0f} s, exit code {process.poll()}"

    def proxy(self, name: str, upstream: str, *, listen: str = "127.0.0.1:0") -> WireProxy:
        """Make a proxy from a free loopback port to `upstream` (HOST:PORT).

        The server sees the name with a mark of ours, so that two owners of one server never meet.
        Raises AlreadyThere for a name in use here, Refused for a port that is taken.
        """
        mine = f"{name}-{self._token}"
        lift = DeleteProxy(url=self.api.url, proxy=mine)
        with ExitStack() as attempt:
            if self.provision.source is Source.URL:  # a server of our own takes its proxies with it
                attempt.enter_context(standing("toxiproxy", f"proxy {mine} on {self.api.url}", lift))
            made = self.api.create_proxy(mine, listen=listen, upstream=upstream)
            proxy = WireProxy(api=self.api, name=mine, listen=made.listen, upstream=made.upstream)
            self._ours.push(attempt.pop_all())
        return proxy

    def delete(self, proxy: WireProxy) -> None:
        """Close one of our proxies; one that is gone already is no error."""
        with contextlib.suppress(NotThere):  # deleting twice leaves the same state
            self.api.delete_proxy(proxy.name)

    def close(self) -> None:
        """End the server, or on a server that is not ours delete what we made. A second call does nothing.

        In a fork it does nothing either: the server is the parent's.
        """
        if self._api is None or os.getpid() != self._owner:
            return
        self._api = None
        self._process = None
        self._ours.close()


def _answers(api: Api) -> bool:
    try:
        api.version()
    except WireError:
        return False
    return True


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _spawn(command: list[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start a child from a thread that waits for it, so that the kernel kills it when this process dies."""
    setpriv = shutil.which("setpriv")
    bound = [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []
    started: queue.SimpleQueue[subprocess.Popen[bytes] | OSError] = queue.SimpleQueue()

    def keep() -> None:
        try:
            process = subprocess.Popen(
                [*bound, *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"LOG_LEVEL": "error"},
            )
        except OSError as error:
            started.put(error)
            return
        started.put(process)
        process.wait()

    threading.Thread(target=keep, name="toxiproxy keeper", daemon=True).start()
    result = started.get()
    if isinstance(result, OSError):
        raise WireError(f"{command[0]} cannot be started: {result.strerror}") from result
    return result


_shared: dict[int, ToxiproxyServer] = {}
_starting = threading.Lock()


def server_of_this_process(say: Say = lambda _: None) -> ToxiproxyServer:
    """The one server that every wire of this process shares; started at the first call, ended at exit.

    A forked child gets one of its own. Raises NoToxiproxy or WireError.
    """
    with _starting:
        running = _shared.get(os.getpid())
        if running is None or (running.provision.source is not Source.URL and not _answers(running.api)):
            if running is not None:
                running.close()
            running = ToxiproxyServer(say=say)
            running.start()
            _shared.clear()
            _shared[os.getpid()] = running
            atexit.register(running.close)
        return running
