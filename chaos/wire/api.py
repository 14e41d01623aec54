"""Speak to a Toxiproxy server; the only module that imports toxiproxy-python.

Of that library (0.1.1) we take the request layer and the values, and go round its defects: its address is kept on
the class (set here before each call, under a lock), it has no timeouts (passed along), it knows no PATCH, and it
reads an HTTP 500 as a KeyError. Source: Shopify/toxiproxy 2.12.0, README "HTTP API"; toxiproxy-python `api.py`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from toxiproxy.api import APIConsumer, validate_response
from toxiproxy.exceptions import InvalidToxic, NotFound, ProxyExists
from toxiproxy.proxy import Proxy
from toxiproxy.server import Toxiproxy
from toxiproxy.toxic import Toxic

TIMEOUT_S = (2.0, 10.0)  # connect, read: the server itself gives a request 25 s
_DIRECT = {"http": "", "all": ""}  # a proxy from the environment must not see calls to loopback
_one_address_at_a_time = threading.RLock()


class WireError(Exception):
    """Toxiproxy did not do what it was asked; the message says what, and the way out."""


class Unreachable(WireError):
    """Nothing answers where the server should be."""


class NotThere(WireError):
    """404: no such proxy or toxic."""


class AlreadyThere(WireError):
    """409: a proxy or toxic of that name exists."""


class BadRequest(WireError):
    """400: the server does not know the toxic, or a value is of the wrong type."""


class Refused(WireError):
    """500 and the like: most often the port is taken."""


class Api:
    """One Toxiproxy server's HTTP API. `url` is http://HOST:PORT on loopback."""

    def __init__(self, url: str) -> None:
        """Raises WireError for an address that is not http on loopback: nothing of ours may leave the machine."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme != "http" or not (host == "localhost" or host.startswith("127.")):
            raise WireError(f"{url} is no Toxiproxy of this machine; it must be http://127.0.0.1:PORT")
        self.host, self.port = host, parts.port or 8474
        self.url = f"http://{self.host}:{self.port}"

    def version(self) -> str:
        """The server's version, such as 2.12.0, or `git` for a plain `go install`."""
        told = self._ask(lambda **given: APIConsumer.get("/version", **given), "its version")
        if not isinstance(told, dict) or "version" not in told:
            raise WireError(f"what answers at {self.url} is no Toxiproxy")
        return str(told["version"])

    def create_proxy(self, name: str, *, listen: str, upstream: str) -> Proxy:
        """Carry `listen` to `upstream`, both HOST:PORT; port 0 takes a free one, and the answer holds it."""
        body = {"name": name, "listen": listen, "upstream": upstream, "enabled": True}
        subject = f"a proxy {name} from {listen} to {upstream}"
        made = self._ask(lambda **given: APIConsumer.post("/proxies", json=body, **given), subject)
        return Proxy(**{key: made[key] for key in _PROXY_FACTS})

    def proxies(self) -> dict[str, Proxy]:
        """Every proxy that the server has, by name."""
        told = self._ask(lambda **given: APIConsumer.get("/proxies", **given), "its proxies")
        return {name: Proxy(**{key: facts[key] for key in _PROXY_FACTS}) for name, facts in told.items()}

    def delete_proxy(self, name: str) -> None:
        """Close a proxy with everything that goes through it."""
        path = _path("proxies", name)
        self._ask(lambda **given: APIConsumer.delete(path, **given), f"the end of proxy {name}")

    def set_enabled(self, name: str, *, enabled: bool) -> None:
        """Take a proxy down, with its live connections, or let it listen again."""
        path = _path("proxies", name)
        subject = f"proxy {name} {'up' if enabled else 'down'}"
        told = self._ask(lambda **given: _patch(path, {"enabled": enabled}, **given), subject)
        if told.get("enabled") is not enabled:
            raise Refused(f"Toxiproxy at {self.url} says proxy {name} is {told.get('enabled')!r}, not {enabled}")

    def add_toxic(self, proxy: str, body: Mapping[str, object]) -> Toxic:
        """Put a toxic on a proxy; the answer holds what the server understood, which may be less than was asked."""
        path = _path("proxies", proxy, "toxics")
        subject = f"toxic {body.get('type')} on {proxy}"
        return Toxic(**self._ask(lambda **given: APIConsumer.post(path, json=dict(body), **given), subject))

    def toxics(self, proxy: str) -> dict[str, Toxic]:
        """The toxics on a proxy, by name."""
        path = _path("proxies", proxy, "toxics")
        told = self._ask(lambda **given: APIConsumer.get(path, **given), f"the toxics of {proxy}")
        return {facts["name"]: Toxic(**facts) for facts in told}

    def change_toxic(self, proxy: str, toxic: str, attributes: Mapping[str, object]) -> Toxic:
        """Give a standing toxic other values."""
        path = _path("proxies", proxy, "toxics", toxic)
        body = {"attributes": dict(attributes)}
        return Toxic(**self._ask(lambda **given: _patch(path, body, **given), f"a change of toxic {toxic}"))

    def delete_toxic(self, proxy: str, toxic: str) -> None:
        """Take a toxic off a proxy."""
        path = _path("proxies", proxy, "toxics", toxic)
        self._ask(lambda **given: APIConsumer.delete(path, **given), f"toxic {toxic} off {proxy}")

    def _ask(self, call: Callable[..., requests.Response], subject: str) -> Any:
        """Make one call, turn every way of failing into an error of ours, and give back the JSON or None."""
        try:
            with _one_address_at_a_time:
                Toxiproxy().update_api_consumer(self.host, self.port)
                answer = call(timeout=TIMEOUT_S, proxies=_DIRECT)
        except requests.ConnectionError as error:
            raise Unreachable(f"no Toxiproxy answers at {self.url}; it was asked for {subject}") from error
        except requests.Timeout as error:
            raise WireError(f"Toxiproxy at {self.url} gave no answer in {TIMEOUT_S[1]:.0f} s to {subject}") from error
        except NotFound as error:
            raise NotThere(f"Toxiproxy at {self.url} knows nothing of that: {subject}") from error
        except ProxyExists as error:
            raise AlreadyThere(f"that name is in use on Toxiproxy at {self.url}: {subject}") from error
        except InvalidToxic as error:
            raise BadRequest(f"Toxiproxy at {self.url} does not understand {subject}: {_text(error)}") from error
        if not answer.ok:
            raise Refused(f"Toxiproxy at {self.url} answered {answer.status_code} to {subject}: {answer.text.strip()}")
        try:
            return answer.json() if answer.content else None
        except requests.JSONDecodeError as error:
            raise WireError(f"what answers at {self.url} is no Toxiproxy: it was asked for {subject}") from error


_PROXY_FACTS = ("name", "upstream", "enabled", "listen")


def _path(*parts: str) -> str:
    return "/" + "/".join(quote(part, safe="") for part in parts)


def _patch(path: str, body: Mapping[str, Any], *, timeout: tuple[float, float], proxies: dict[str, str]) -> Any:
    """The verb that the library lacks; since 2.6 the server prefers it to POST for changes."""
    url = f"http://{APIConsumer.host}:{APIConsumer.port}{path}"
    return validate_response(requests.patch(url, json=body, timeout=timeout, proxies=proxies))


def _text(error: Exception) -> str:
    raw = error.args[0] if error.args else ""
    return raw.decode(errors="replace").strip() if isinstance(raw, bytes) else str(raw)
