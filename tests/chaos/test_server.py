"""The server's life: it is ours, it is found, and it never outlives us."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.ledger import Ledger
from chaos.lift import sweep
from chaos.waiting import wait_until
from chaos.wire.api import AlreadyThere, Api, NotThere, Refused, Unreachable, WireError
from chaos.wire.provision import Provision, Source
from chaos.wire.server import ToxiproxyServer, server_of_this_process
from chaos.wire.toxiproxy_wire import ToxiproxyWire
from tests.chaos.upstream import REPLY, Upstream, ask, connect

pytestmark = pytest.mark.needs("toxiproxy")

_OWNER = """
from chaos.wire.server import ToxiproxyServer
with ToxiproxyServer() as server:
    print(server.pid, server.api.url, flush=True)
    input()
"""


def _runs(pid: int) -> bool:
    """A process that is there, and no zombie (in a container there may be no init to collect it)."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return text[text.rindex(")") + 2] != "Z"


@contextlib.contextmanager
def _owner(**environment: str) -> Iterator[tuple[subprocess.Popen[str], int, str]]:
    """A process that owns a server, the server's pid and its address."""
    with subprocess.Popen(
        [sys.executable, "-c", _OWNER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    ) as process:
        try:
            assert process.stdout is not None
            pid, url = process.stdout.readline().split()
            yield process, int(pid), url
        finally:
            process.kill()


def test_the_server_ends_with_its_block() -> None:
    """After the block the process is gone, nothing answers, and the ledger is empty."""
    with ToxiproxyServer() as server:
        pid, url = server.pid, server.api.url
        server.start()
        recorded = [entry.fault for entry in Ledger().standing()]

    assert recorded == ["toxiproxy"]  # one, though it was started twice
    assert pid is not None
    assert not _runs(pid)
    assert Ledger().standing() == []
    with pytest.raises(Unreachable):
        Api(url).version()


def test_the_server_outlives_the_thread_that_asked_for_it() -> None:
    """The kernel binds a child to the thread that made it; a server asked for by a passing thread must stay."""
    server = ToxiproxyServer()
    thread = threading.Thread(target=server.start)
    thread.start()
    thread.join()
    with contextlib.closing(server):
        assert server.api.version()


def test_a_fork_does_not_end_its_parents_server() -> None:
    """A forked child that closes its copy leaves the server to the parent."""
    program = """
import os
from chaos.wire.server import ToxiproxyServer
with ToxiproxyServer() as server:
    if os.fork() == 0:
        server.close()
        os._exit(0)
    os.wait()
    print(server.api.version())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=30)

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.needs("setpriv")
def test_the_server_dies_with_a_killed_owner() -> None:
    """SIGKILL of the owner runs no exit handler, and the server is gone all the same."""
    with _owner() as (process, pid, _):
        process.send_signal(signal.SIGKILL)
        process.wait()

        assert wait_until(lambda: not _runs(pid), within_s=5)


def test_a_sweep_ends_a_server_that_outlived_its_owner(tmp_path: Path) -> None:
    """Where setpriv is missing the kernel does not help; then the ledger does, and only once the owner is dead."""
    said: list[str] = []
    with _owner(PATH=str(tmp_path)) as (process, pid, _):
        living = sweep(said.append)
        assert _runs(pid)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert _runs(pid)
        dead = sweep(said.append)

    assert not _runs(pid)
    assert (len(living.left_alone), len(living.lifted)) == (1, 0)
    assert (len(dead.left_alone), len(dead.lifted)) == (0, 1)
    assert said[1].startswith(f"lifted: Toxiproxy server {pid} at http://127.0.0.1:")


@pytest.mark.needs("network_namespace")
def test_the_server_works_where_only_loopback_is() -> None:
    """In a network namespace that has nothing but loopback the server starts and carries a connection."""
    program = """
from chaos.wire.server import ToxiproxyServer
from tests.chaos.upstream import Upstream, ask, connect
import socket
with ToxiproxyServer() as server, Upstream() as upstream:
    proxy = server.proxy("venue", upstream=f"127.0.0.1:{upstream.port}")
    with connect(proxy.port) as client:
        print([name for _, name in socket.if_nameindex()], len(ask(client)))
"""
    done = subprocess.run(
        [sys.executable, "-m", "harness.lab.egress", "--", sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )

    assert done.stdout.strip() == f"['lo'] {len(REPLY)}", done.stderr


def test_an_executable_that_is_no_server_says_so(tmp_path: Path) -> None:
    """The error holds the executable's own words."""
    fake = tmp_path / "toxiproxy-server"
    fake.write_text("#!/bin/sh\necho 'no such flag' >&2\nexit 3\n", encoding="ascii")
    fake.chmod(0o700)
    server = ToxiproxyServer(Provision(source=Source.ON_PATH, place=str(fake), version="2.12.0"))

    with pytest.raises(WireError, match="did not start: no such flag"):
        server.start()
    assert Ledger().standing() == []


def test_errors_have_names(server: ToxiproxyServer, upstream: Upstream) -> None:
    """409, 404 and 500 are errors of ours, each in one sentence."""
    address = f"127.0.0.1:{upstream.port}"
    made = server.proxy("twice", upstream=address)

    with pytest.raises(AlreadyThere, match="that name is in use"):
        server.proxy("twice", upstream=address)
    with pytest.raises(Refused, match=r"answered 500 to a proxy taken-.*address already in use"):
        server.proxy("taken", upstream=address, listen=address)
    server.delete(made)
    with pytest.raises(NotThere, match="knows nothing of that: toxic latency on twice-"):
        made.toxic("latency", latency=1).__enter__()


def test_calls_to_the_server_never_go_through_a_proxy(server: ToxiproxyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP_PROXY in the environment is for others: calls to loopback stay on loopback."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)

    assert server.api.version() == server.provision.version


def test_a_server_elsewhere_is_refused() -> None:
    """Only loopback is spoken to."""
    with pytest.raises(WireError, match="no Toxiproxy of this machine"):
        Api("http://192.0.2.1:8474")


def test_on_a_server_of_others_only_ours_is_touched(server: ToxiproxyServer, upstream: Upstream) -> None:
    """At TOXIPROXY_URL our proxies go at the end, even when deleted before, and theirs stay."""
    address = f"127.0.0.1:{upstream.port}"
    theirs = server.proxy("theirs", upstream=address)
    found = Provision(source=Source.URL, place=server.api.url, version=server.api.version())
    with ToxiproxyServer(found) as guest:
        first, second = guest.proxy("first", upstream=address), guest.proxy("second", upstream=address)
        recorded = sorted(entry.what for entry in Ledger().standing())
        guest.delete(first)
    left = set(server.api.proxies())

    assert recorded == [f"proxy {name} on {server.api.url}" for name in (first.name, second.name)]
    assert theirs.name in left
    assert not left & {first.name, second.name}
    assert Ledger().standing() == []


def test_wires_share_a_server_and_not_their_names(upstream: Upstream) -> None:
    """Two wires of one process have links of the same name; closing one leaves the other."""
    one, other = ToxiproxyWire(), ToxiproxyWire()
    first, second = one.link("venue", upstream.port), other.link("venue", upstream.port)
    one.close()
    one.close()

    with connect(second) as client:
        assert ask(client) == REPLY
    with pytest.raises(ConnectionRefusedError):
        connect(first)
    assert other.description.startswith("Toxiproxy ")
    other.close()


def test_a_wire_knows_its_links_by_name(upstream: Upstream) -> None:
    """A fault reaches a link by its name; an unknown name and a second link of one name are errors."""
    wire = ToxiproxyWire()
    with contextlib.closing(wire):
        port = wire.link("venue", upstream.port)

        assert wire.proxy("venue").port == port
        with pytest.raises(WireError, match="no link provider on this wire; there are: venue"):
            wire.proxy("provider")
        with pytest.raises(WireError, match="has a link on this wire already"):
            wire.link("venue", upstream.port)


def test_a_dead_server_is_replaced(upstream: Upstream) -> None:
    """When the shared server was killed, the next wire gets a new one, and old wires still close."""
    old = ToxiproxyWire()
    old.link("venue", upstream.port)
    pid = server_of_this_process().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert wait_until(lambda: not _runs(pid), within_s=5)
    new = ToxiproxyWire()

    with contextlib.closing(new), connect(new.link("venue", upstream.port)) as client:
        assert ask(client) == REPLY
    old.close()
