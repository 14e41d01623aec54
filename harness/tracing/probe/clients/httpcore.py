"""httpx and httpx2, at their transport: the pools of httpcore and httpcore2, sync and async.

The httpcore request is made by the transport for this one sending, so changing it is not seen by the bot, whose
`request.url` and `response.url` are of httpx.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any


def _redirect(request: Any, route: Any) -> None:
    url = request.url
    to = route(url.scheme.decode(), url.host.decode(), url.port, url.target.decode("latin-1"))
    if to is None:
        return
    scheme = b"ws" if url.scheme in (b"ws", b"wss") else b"http"
    request.url = type(url)(scheme=scheme, host=to.host.encode(), port=to.port, target=to.path.encode("latin-1"))
    host = to.netloc.encode()
    request.headers = [(name, host if name.lower() == b"host" else value) for name, value in request.headers]


def patch_sync(module: ModuleType, route: Any) -> None:
    """Redirect in `ConnectionPool.handle_request`."""
    pool = module.ConnectionPool
    handle = pool.handle_request

    def handle_request(self: Any, request: Any) -> Any:
        _redirect(request, route)
        return handle(self, request)

    pool.handle_request = handle_request


def patch_async(module: ModuleType, route: Any) -> None:
    """Redirect in `AsyncConnectionPool.handle_async_request`."""
    pool = module.AsyncConnectionPool
    handle = pool.handle_async_request

    async def handle_async_request(self: Any, request: Any) -> Any:
        _redirect(request, route)
        return await handle(self, request)

    pool.handle_async_request = handle_async_request


MODULES = {
    "httpcore._sync.connection_pool": patch_sync,
    "httpcore._async.connection_pool": patch_async,
    "httpcore2._sync.connection_pool": patch_sync,
    "httpcore2._async.connection_pool": patch_async,
}
