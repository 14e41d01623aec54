"""Only loopback may be reached, by whatever call, and programs that a bot starts are noted and guarded."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.tracing.host import Call, CanaryHost
from harness.tracing.probe.egress import is_loopback
from tests.tracing_host.bots import hosted, http_echo

BOT = """
    import asyncio, os, socket, subprocess, sys

    FOREIGN, V6 = ("198.51.100.7", 443), ("2001:db8::7", 443)

    def tcp(): return socket.create_connection(FOREIGN, timeout=1)
    def tcp_ex(): return socket.socket().connect_ex(FOREIGN)
    def tcp6(): return socket.socket(socket.AF_INET6).connect(V6)
    def udp(): return socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", FOREIGN)
    def udp_message(): return socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendmsg([b"x"], [], 0, FOREIGN)
    def name(): return socket.getaddrinfo("api.telegram.org", 443)
    def old_name(): return socket.gethostbyname("api.telegram.org")
    def reverse(): return socket.gethostbyaddr("198.51.100.7")
    def async_name():
        async def go(): await asyncio.open_connection("api.telegram.org", 443)
        asyncio.run(go())
    def mapped(): return socket.socket(socket.AF_INET6).connect(("::ffff:198.51.100.7", 443))

    def loopback(port):
        found = []
        for host in ("127.0.0.1", "localhost"):
            with socket.create_connection((host, port), timeout=5) as sock:
                found.append(sock.getpeername()[1])
        left, right = socket.socketpair()
        left.sendall(b"x")
        socket.gethostname(), socket.getaddrinfo(None, 0), socket.getaddrinfo("0.0.0.0", 0)
        return found == [port, port] and right.recv(1) == b"x"

    CHILD = "import socket; socket.create_connection(('198.51.100.7', 443), timeout=1)"
    def child(): subprocess.run([sys.executable, "-c", CHILD])
    def child_with_own_environment(): subprocess.run([sys.executable, "-c", CHILD], env={"A": "1"})
    def child_of_shell(): os.system(f'{sys.executable} -c "{CHILD}"')

    def programs():
        subprocess.run(["git", "rev-parse", "--secret=abc"], capture_output=True)
        subprocess.run(["true", "s3cr3t!"])
        os.system("true --token=abc")
        return "done"
"""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CanaryHost]:
    with hosted(tmp_path_factory.mktemp("egress"), BOT) as host:
        yield host


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("tcp", "connecting to 198.51.100.7:443"),
        ("tcp_ex", "connecting to 198.51.100.7:443"),
        ("tcp6", "connecting to 2001:db8::7:443"),
        ("mapped", "connecting to ::ffff:198.51.100.7:443"),
        ("udp", "connecting to 198.51.100.7:443"),
        ("udp_message", "connecting to 198.51.100.7:443"),
        ("name", "looking up api.telegram.org"),
        ("old_name", "looking up api.telegram.org"),
        ("async_name", "looking up api.telegram.org"),
        ("reverse", "looking up 198.51.100.7"),
    ],
)
def test_foreign_host_is_refused(host: CanaryHost, name: str, words: str) -> None:
    """Every way to leave the machine is refused with the host's name, and noted with the bot's line."""
    run = host.run(Call(target=f"trader:{name}"), deadline_s=10.0)

    assert (run.outcome, run.detail.split(":")[0]) == ("raised", "EgressRefused")
    assert words in run.detail
    assert [note.split(" was refused")[0] for note in run.notes] == [f"egress guard: {words}"]


def test_loopback_is_free(host: CanaryHost) -> None:
    """Loopback by address and by name, socket pairs and local look-ups work, and nothing is noted."""
    with http_echo() as echo:
        run = host.run(Call(target="trader:loopback", args=[int(echo.url.rpartition(":")[2])]), deadline_s=10.0)

    assert (run.returned, run.notes) == ("True", [])


@pytest.mark.parametrize("name", ["child", "child_with_own_environment", "child_of_shell"])
def test_pythons_that_the_bot_starts_are_guarded(host: CanaryHost, name: str) -> None:
    """A Python in a process of its own is on the same leash, whatever environment the bot gives it."""
    run = host.run(Call(target=f"trader:{name}"), deadline_s=20.0)

    assert "egress guard: connecting to 198.51.100.7:443 was refused" in run.output


def test_programs_are_named_without_their_arguments(host: CanaryHost) -> None:
    """A program may run; the run names it and its plain first word, never what may be a secret."""
    run = host.run(Call(target="trader:programs"), deadline_s=10.0)
    started = [note.partition(" (at")[0] for note in run.notes]

    assert run.returned == "'done'"
    assert started == [f"started a program: {name}" for name in ("git rev-parse", "true", "true")]
    assert not any(word in note for note in run.notes for word in ("abc", "s3cr3t"))


def test_what_is_loopback() -> None:
    """Loopback is 127/8, ::1, the wildcard and local names, and nothing that only looks like it."""
    near = [
        "127.0.0.1",
        "127.9.9.9",
        "::1",
        "[::1]",
        "0.0.0.0",  # noqa: S104 - looked at, not bound
        "::",
        "localhost",
        "LOCALHOST.",
        "::ffff:127.0.0.1",
        "",
    ]
    far = ["198.51.100.7", "10.0.0.1", "127.0.0.1.evil.example", "localhost.evil.example", "fe80::1%lo", "128.0.0.1"]

    assert [host for host in near if not is_loopback(host)] + [host for host in far if is_loopback(host)] == []


def test_own_environment_is_not_touched(tmp_path: Path) -> None:
    """Hosting a bot changes nothing in the environment of its owner."""
    before = dict(os.environ)
    with hosted(tmp_path, "def decide(): return 1") as host:
        host.run(Call(target="trader:decide", env={"A": "1"}, scope="c1"), deadline_s=5.0)

    assert dict(os.environ) == before
