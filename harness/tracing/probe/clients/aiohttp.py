"""aiohttp, requests and websockets alike: the client request keeps its original URL and connects by another one.

`ClientRequest.original_url` is what the response shows; `ClientRequest.url` is what the connector and the request
line use. So in 3.8 and in 3.14.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any


def patch(module: ModuleType, route: Any) -> None:
    """Give each `aiohttp.client_reqrep.ClientRequest` the redirected URL to connect by."""
    requests = module.ClientRequest
    make = requests.__init__

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807 - it takes that one's place
        make(self, *args, **kwargs)
        url = self.url
        to = route(url.scheme, url.raw_host or "", url.port, url.raw_path_qs)
        if to is None:
            return
        scheme = "ws" if url.scheme in ("ws", "wss") else "http"
        self.url = type(url)(f"{scheme}://{to.netloc}{to.path}", encoded=True)
        self.headers["Host"] = to.netloc

    requests.__init__ = __init__


MODULES = {"aiohttp.client_reqrep": patch}
