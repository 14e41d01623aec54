"""Servers on loopback that behave badly, each in one way."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Answering = Callable[[socket.socket, threading.Event], None]

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@contextmanager
def serving(answer: Answering) -> Iterator[str]:
    """Hand every connection, once its request was read, to `answer`; yields the URL."""
    over = threading.Event()
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()

    def run() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return  # closed at the end of the test
            threading.Thread(target=one, args=(connection,), daemon=True).start()

    def one(connection: socket.socket) -> None:
        with connection:
            try:
                connection.recv(65536)
                answer(connection, over)
            except OSError:
                return  # the client has gone, which is what some tests are about

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def body(raw: bytes, status: bytes = b"200 OK") -> Answering:
    """Answer with these bytes."""

    def answer(connection: socket.socket, over: threading.Event) -> None:
        length = str(len(raw)).encode()
        connection.sendall(
            b"HTTP/1.1 " + status + b"\r\nContent-Length: " + length + b"\r\nConnection: close\r\n\r\n" + raw
        )

    return answer


def drip(connection: socket.socket, over: threading.Event) -> None:
    """One byte every 20 ms, for ever: no read of it is slow enough for a read timeout."""
    connection.sendall(HEAD + b"Content-Length: 1000000\r\n\r\n[")
    while not over.wait(0.02):
        connection.sendall(b"1,")


def silence(connection: socket.socket, over: threading.Event) -> None:
    """Take the request and say nothing."""
    over.wait()


def reset(connection: socket.socket, over: threading.Event) -> None:
    """RST instead of an answer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def flood(connection: socket.socket, over: threading.Event) -> None:
    """More bytes than anybody wants, as fast as they go."""
    connection.sendall(HEAD + b"Content-Length: 1000000000\r\n\r\n")
    while not over.is_set():
        connection.sendall(b"x" * 65536)
