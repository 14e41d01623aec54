"""A call ends when its deadline does, however the server drags it out."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
import trustme

from bot.clients import deadline
from bot.clients.errors import NotSent, transport_failure
from bot.clients.transport import hardened_session
from tests.bot.conftest import patience

Serve = Callable[[socket.socket, threading.Event], None]


def drip_headers(client: socket.socket, over: threading.Event) -> None:
    client.sendall(b"HTTP/1.1 200 OK\r\n")
    while not over.wait(0.02):
        client.sendall(b"X-A: b\r\n")


def drip_body(client: socket.socket, over: threading.Event) -> None:
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while not over.wait(0.02):
        client.sendall(b"x")


def drip_chunks(client: socket.socket, over: threading.Event) -> None:
    client.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not over.wait(0.02):
        client.sendall(b"1\r\nx\r\n")


def say_nothing(client: socket.socket, over: threading.Event) -> None:
    over.wait()


@contextlib.contextmanager
def server(serve: Serve, *, peek: bool = False) -> Iterator[str]:
    """A server that treats its only client as `serve` says, once it has spoken; `peek` leaves its words unread."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def run() -> None:
            with contextlib.suppress(OSError):  # the client hangs up, which is what the test is about
                client, _ = listener.accept()
                with client:
                    client.recv(65_536, socket.MSG_PEEK if peek else 0)
                    serve(client, over)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)  # wakes a thread that nobody ever connected to
            thread.join(5)


@pytest.mark.parametrize("serve", [drip_headers, drip_body, drip_chunks, say_nothing])
def test_a_dripping_server_cannot_hold_a_call(serve: Serve) -> None:
    """Each read is quick, so no read timeout ever fires; the total deadline of 0.3 s does."""
    with server(serve) as url:
        session = hardened_session(url, connect_s=1, read_s=1, total_s=0.3)
        began = time.monotonic()
        with pytest.raises(requests.RequestException):
            session.get(url)
        took_s = time.monotonic() - began

    assert 0.25 <= took_s < 0.8 * patience()


def test_a_sdk_that_asks_for_no_timeout_gets_one() -> None:
    """`timeout=None` is what an SDK passes; the adapter does not heed it."""
    with server(say_nothing) as url:
        session = hardened_session(url, connect_s=1, read_s=0.2, total_s=5)
        began = time.monotonic()
        with pytest.raises(requests.ReadTimeout):
            session.get(url, timeout=None)
        took_s = time.monotonic() - began

    assert took_s < 0.8 * patience()


def test_deadlines_nest_and_the_shorter_one_rules() -> None:
    """An inner deadline cannot outlive the outer one, and leaving it gives the outer one back."""
    with deadline.within(10):
        with deadline.within(100):
            assert deadline.remaining_s() <= 10
        with deadline.within(1):
            assert deadline.remaining_s() <= 1
        assert 9 < deadline.remaining_s() <= 10


def test_nothing_starts_after_the_deadline() -> None:
    """A call whose deadline is over fails before it opens a connection."""
    with server(say_nothing) as url, deadline.within(0):
        session = hardened_session(url, connect_s=1, read_s=1, total_s=1)
        with pytest.raises(requests.RequestException):
            session.get(url)


def test_a_proxy_of_the_environment_does_not_catch_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP_PROXY is set on many hosts; a venue on loopback is reached directly all the same."""

    def answer(client: socket.socket, over: threading.Event) -> None:
        client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with server(answer) as url:
        reply = hardened_session(url, connect_s=1, read_s=1, total_s=1).get(url)

    assert reply.text == "ok"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@contextlib.contextmanager
def tls_server(authority: trustme.CA, serve: Serve) -> Iterator[str]:
    """The same kind of server under TLS, with a certificate for `localhost`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)

    def shaken(client: socket.socket, over: threading.Event) -> None:
        with context.wrap_socket(client, server_side=True) as secure:
            secure.recv(65_536)
            serve(secure, over)

    with server(shaken, peek=True) as url:
        yield url.replace("http://127.0.0.1", "https://localhost")


@pytest.mark.parametrize("serve", [drip_headers, drip_body, say_nothing])
def test_tls_does_not_get_round_the_deadline(
    authority: trustme.CA, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The socket under TLS is made elsewhere, and is cut to the deadline all the same."""
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "ca.pem"))
    with tls_server(authority, serve) as url:
        session = hardened_session(url, connect_s=1, read_s=1, total_s=0.4)
        began = time.monotonic()
        with pytest.raises(requests.RequestException) as caught:
            session.get(url)
        took_s = time.monotonic() - began

    assert not isinstance(caught.value, requests.exceptions.SSLError)
    assert 0.3 <= took_s < 1.0 * patience()


def test_an_untrusted_certificate_is_refused_before_the_first_byte(authority: trustme.CA) -> None:
    """Verification is never off."""
    refused = pytest.raises(requests.exceptions.SSLError, match="certificate verify failed")
    with tls_server(authority, say_nothing) as url, refused:
        hardened_session(url, connect_s=1, read_s=1, total_s=1).get(url)


def test_a_name_that_does_not_resolve_is_named() -> None:
    """The error says which name, and that nothing was sent."""
    url = "http://nowhere.invalid"
    with pytest.raises(requests.ConnectionError) as caught:
        hardened_session(url, connect_s=2, read_s=1, total_s=2).get(url)
    error = transport_failure(caught.value, call="GET /")

    assert type(error) is NotSent
    assert str(error).startswith("GET / at nowhere.invalid: ")
