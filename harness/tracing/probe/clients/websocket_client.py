"""websocket-client (import name `websocket`), which many exchange SDKs stream with."""

from __future__ import annotations

from types import ModuleType
from typing import Any
from urllib.parse import urlsplit


def patch(module: ModuleType, route: Any) -> None:
    """Redirect in `WebSocket.connect`, through which `create_connection` and `WebSocketApp` both go."""
    sockets = module.WebSocket
    connect = sockets.connect

    def connect_routed(self: Any, url: str, **options: Any) -> Any:
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        to = route(parts.scheme, parts.hostname or "", parts.port, path)
        if to is not None:
            url = f"ws://{to.netloc}{to.path}"
        return connect(self, url, **options)

    sockets.connect = connect_routed


MODULES = {"websocket._core": patch}
