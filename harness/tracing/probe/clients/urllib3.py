"""urllib3, and requests on top of it: a pool for the redirected host hands its requests to a pool on loopback.

Works with urllib3 1.26 and 2 (`HTTPConnectionPool.urlopen` has had this signature since 1.0). requests builds its
response from the request as the bot made it, so `response.url` keeps the host.
"""

from __future__ import annotations

import os
from types import ModuleType
from typing import Any


def patch(module: ModuleType, route: Any) -> None:
    """Make every pool of `urllib3.connectionpool` ask `route` first."""
    pools = module.HTTPConnectionPool
    urlopen, close = pools.urlopen, pools.close

    def routed(self: Any, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        to = route(self.scheme, self.host, self.port, url)
        if to is None:
            return urlopen(self, method, url, *args, **kwargs)
        response = _pool(pools, self, to).urlopen(method, to.path, *args, **kwargs)
        if hasattr(response, "_request_url"):
            response._request_url = url
        return response

    def closed(self: Any) -> None:
        for pool in self.__dict__.pop("_signal_probe_pools", {}).values():
            close(pool)
        close(self)

    pools.urlopen, pools.close = routed, closed


def _pool(pools: Any, source: Any, to: Any) -> Any:
    # Keyed by process: a connection that was open before a fork belongs to the other side of it.
    made = source.__dict__.setdefault("_signal_probe_pools", {})
    key = (os.getpid(), to.host, to.port)
    if key not in made:
        size = source.pool.maxsize if source.pool is not None else 1
        made[key] = pools(
            to.host, to.port, timeout=source.timeout, maxsize=size, block=source.block, retries=source.retries
        )
    return made[key]


MODULES = {"urllib3.connectionpool": patch}
