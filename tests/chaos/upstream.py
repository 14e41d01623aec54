"""A venue reduced to its socket: it answers each message with 1000 bytes, and hangs up after `bye`."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType

REPLY = bytes(range(250)) * 4


class Upstream:
    """Listens on a free loopback port while the block runs."""

    def __init__(self) -> None:
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen()
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, name="upstream", daemon=True)

    def __enter__(self) -> Upstream:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(OSError):  # shutdown of a listener wakes accept() on Linux, and complains elsewhere
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # closed: the block is over
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    @staticmethod
    def _answer(connection: socket.socket) -> None:
        with connection, contextlib.suppress(ConnectionError):  # a client that was cut off is what these tests are for
            while said := connection.recv(4096):
                connection.sendall(REPLY)
                if said == b"bye":
                    return


def connect(port: int, *, timeout_s: float = 5.0) -> socket.socket:
    """A client's connection to a loopback port."""
    return socket.create_connection(("127.0.0.1", port), timeout=timeout_s)


def read(client: socket.socket, size: int) -> bytes:
    """Read `size` bytes, or what there was before the end."""
    got = b""
    while len(got) < size and (piece := client.recv(size - len(got))):
        got += piece
    return got


def ask(client: socket.socket, word: bytes = b"hello") -> bytes:
    """One round trip."""
    client.sendall(word)
    return read(client, len(REPLY))
