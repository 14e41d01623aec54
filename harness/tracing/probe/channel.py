"""JSON lines over the socket between the fork server and its owner."""

from __future__ import annotations

import json
import socket
from typing import Any


class Channel:
    """One end. `take` answers after one read, so a loop may call it when the socket is readable."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self._held = b""

    def send(self, message: dict[str, Any]) -> None:
        self.socket.sendall(json.dumps(message).encode() + b"\n")

    def take(self) -> list[dict[str, Any]] | None:
        """The messages that are complete after one read; None when the other end is closed."""
        received = self.socket.recv(1 << 20)
        if not received:
            return None
        *complete, self._held = (self._held + received).split(b"\n")
        return [json.loads(line) for line in complete]

    def first(self) -> dict[str, Any] | None:
        """Wait for one message; None when the other end closes instead."""
        while True:
            messages = self.take()
            if messages is None:
                return None
            if messages:
                return messages[0]
