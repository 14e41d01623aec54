"""The HTTP adapter under every client: deadlines on the socket itself, and no resending by the transport.

Mounted on a `requests.Session` (also on the one inside an SDK). Name resolution runs in a thread of its own, because
getaddrinfo(3) knows no timeout at all.
"""

from __future__ import annotations

import queue
import socket
import ssl
import sys
import threading
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.ssl_ import create_urllib3_context

from bot.clients.deadline import DeadlinePassed, cut, within
from bot.settings import LOOPBACK


class _DeadlineSocket(socket.socket):
    """A socket whose every wait is cut to the deadline in force; urllib3 sets the timeout anew for each request."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(cut(self.gettimeout()))
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self.settimeout(cut(self.gettimeout()))
        super().sendall(*args, **kwargs)


class _DeadlineTLSSocket(ssl.SSLSocket):
    """The same under TLS, where the socket is made by the context and not by us."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(cut(self.gettimeout()))
        return super().recv_into(*args, **kwargs)

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self.settimeout(cut(self.gettimeout()))
        super().sendall(*args, **kwargs)


def _resolve(host: str, port: int, timeout_s: float | None) -> list[Any]:
    """getaddrinfo with a timeout. Raises socket.gaierror, or TimeoutError when the resolver does not answer."""
    if host in {"127.0.0.1", "::1"}:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    answers: queue.SimpleQueue[list[Any] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(list(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)))
        except OSError as error:
            answers.put(error)

    threading.Thread(target=ask, name=f"resolve {host}", daemon=True).start()
    try:
        answer = answers.get(timeout=timeout_s)
    except queue.Empty:
        raise TimeoutError(f"the resolver did not answer for {host}") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _open_socket(host: str, port: int, connect_s: float | None, options: Any) -> _DeadlineSocket:
    """Connect to the first address that answers. Raises OSError of the last one that did not."""
    failure: OSError = OSError(f"{host} has no address")
    for family, kind, proto, _, address in _resolve(host, port, cut(connect_s)):
        sock = _DeadlineSocket(family, kind, proto)
        try:
            for option in options or ():
                sock.setsockopt(*option)
            sock.settimeout(cut(connect_s))
            sock.connect(address)
            return sock
        except OSError as error:
            sock.close()
            failure = error
    raise failure


def _connect(connection: HTTPConnection) -> socket.socket:
    """What `HTTPConnection._new_conn` does, with the deadline; the same urllib3 errors."""
    host, port = connection._dns_host, connection.port
    connect_s = connection.timeout if isinstance(connection.timeout, int | float) else None
    try:
        sock = _open_socket(host, port, connect_s, connection.socket_options)
    except socket.gaierror as error:
        raise NameResolutionError(host, connection, error) from error
    except TimeoutError as error:
        raise ConnectTimeoutError(connection, f"Connection to {host} timed out: {error}") from error
    except OSError as error:
        raise NewConnectionError(connection, f"Failed to establish a new connection: {error}") from error
    sys.audit("http.client.connect", connection, host, port)
    return sock


class _Connection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self)


class _TLSConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


class DeadlineAdapter(HTTPAdapter):
    """Connect, read and total deadline on every request, whatever the caller asked for; retries: none."""

    def __init__(self, *, connect_s: float, read_s: float, total_s: float, tls: bool) -> None:
        self._connect_s, self._read_s, self._total_s, self._tls = connect_s, read_s, total_s, tls
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Pools whose sockets know the deadline; a TLS context is only made where it is needed, since it is slow."""
        if self._tls:
            context = create_urllib3_context()
            context.sslsocket_class = _DeadlineTLSSocket
            kwargs["ssl_context"] = context
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        """Send, and read the whole body inside the deadline. Raises requests.RequestException."""
        if urlsplit(request.url or "").hostname in LOOPBACK:
            proxies = None
        try:
            with within(self._total_s):
                limits = (self._connect_s, cut(self._read_s) or self._read_s)
                response = super().send(request, stream, limits, verify, cert, proxies)
                _ = response.content  # read here, or a dripping body would escape the deadline
        except DeadlinePassed as error:
            raise requests.ReadTimeout(error, request=request) from error
        return response


def hardened_session(url: str, *, connect_s: float, read_s: float, total_s: float) -> requests.Session:
    """A session for `url` whose requests cannot outlast `total_s`."""
    session = requests.Session()
    mount(session, url, connect_s=connect_s, read_s=read_s, total_s=total_s)
    return session


def mount(session: requests.Session, url: str, *, connect_s: float, read_s: float, total_s: float) -> None:
    """Put the adapter under an existing session, for instance the one inside an SDK.

    What the environment says of proxies and certificates is read now; requests would read it before each request.
    """
    found = session.merge_environment_settings(url, {}, None, None, None)
    session.proxies, session.verify, session.trust_env = dict(found["proxies"]), found["verify"], False
    tls = url.startswith("https://")
    adapter = DeadlineAdapter(connect_s=connect_s, read_s=read_s, total_s=total_s, tls=tls)
    session.mount("https://" if tls else "http://", adapter)
