"""websockets: the asyncio client, the sync client and the legacy client (which alpaca-py and alpaca-trade-api use).

The URI is settled when the connecter is made, so that is where it is changed; TLS settings for the real host go,
since the connection on loopback is plain.
"""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

_TLS = ("ssl", "ssl_context", "server_hostname", "proxy_ssl", "proxy_server_hostname")


def _arguments(make: Any, route: Any, uri: Any, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The URI and keyword arguments to connect by: those given, or those of the redirection."""
    if not isinstance(uri, str) or kwargs.get("unix"):
        return uri, kwargs
    parts = urlsplit(uri)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    to = route(parts.scheme, parts.hostname or "", parts.port, path)
    if to is None:
        return uri, kwargs
    kept = {name: value for name, value in kwargs.items() if name not in _TLS}
    if "proxy" in inspect.signature(make).parameters:
        kept["proxy"] = None
    return f"ws://{to.netloc}{to.path}", kept


def _patch_class(connecter: Any, route: Any) -> None:
    make = connecter.__init__

    def __init__(self: Any, uri: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807 - it takes that one's place
        uri, kwargs = _arguments(make, route, uri, kwargs)
        make(self, uri, *args, **kwargs)

    connecter.__init__ = __init__


def patch_async(module: ModuleType, route: Any) -> None:
    """`websockets.asyncio.client.connect` and `websockets.legacy.client.Connect` are classes."""
    _patch_class(getattr(module, "Connect", None) or module.connect, route)


def patch_sync(module: ModuleType, route: Any) -> None:
    """`websockets.sync.client` has a class `reconnect` since 17; before that, only the function `connect`."""
    if hasattr(module, "reconnect"):
        _patch_class(module.reconnect, route)
        return
    connect = module.connect

    def connect_routed(uri: Any, *args: Any, **kwargs: Any) -> Any:
        uri, kwargs = _arguments(connect, route, uri, kwargs)
        return connect(uri, *args, **kwargs)

    module.connect = connect_routed  # type: ignore[attr-defined]


MODULES = {
    "websockets.asyncio.client": patch_async,
    "websockets.legacy.client": patch_async,
    "websockets.sync.client": patch_sync,
}
