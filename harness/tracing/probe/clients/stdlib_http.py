"""http.client, and urllib.request on top of it: the connection goes elsewhere, its `host` attribute stays."""

from __future__ import annotations

import socket
from types import ModuleType
from typing import Any

_ROUTE = "_signal_probe_route"


def patch(module: ModuleType, route: Any) -> None:
    """Redirect connections of `http.client`; the path decides, so it is settled when a request line is written."""
    plain, secure = module.HTTPConnection, module.HTTPSConnection

    def route_of(connection: Any, path: str) -> Any:
        return route("https" if isinstance(connection, secure) else "http", connection.host, connection.port, path)

    _patch_connect(plain, route_of)
    _patch_connect(secure, route_of)
    _patch_request(plain, route_of)


def _patch_connect(connections: Any, route_of: Any) -> None:
    connect = connections.connect

    def connect_routed(self: Any) -> None:
        to = self.__dict__.get(_ROUTE) or route_of(self, "/")
        if to is None:
            connect(self)
            return
        self.sock = self._create_connection((to.host, to.port), self.timeout, self.source_address)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    connections.connect = connect_routed


def _patch_request(connections: Any, route_of: Any) -> None:
    putrequest, putheader = connections.putrequest, connections.putheader

    def putrequest_routed(
        self: Any, method: str, url: str, skip_host: bool = False, skip_accept_encoding: bool = False
    ) -> None:
        to = route_of(self, url)
        before = self.__dict__.get(_ROUTE)
        if before is not None and self.sock and (to is None or (before.host, before.port) != (to.host, to.port)):
            self.close()
        self.__dict__[_ROUTE] = to
        if to is None:
            putrequest(self, method, url, skip_host, skip_accept_encoding)
            return
        putrequest(self, method, to.path, True, skip_accept_encoding)
        if not skip_host:
            self.putheader("Host", to.netloc)

    def putheader_routed(self: Any, header: str | bytes, *values: Any) -> None:
        to = self.__dict__.get(_ROUTE)
        name = header.decode("latin-1") if isinstance(header, bytes) else header
        if to is not None and name.lower() == "host":
            values = (to.netloc,)
        putheader(self, header, *values)

    connections.putrequest, connections.putheader = putrequest_routed, putheader_routed


MODULES = {"http.client": patch}
