"""Rewriting hosts at the HTTP client, so that the bot keeps its own view of them.

The bot's strings, its request objects and its checks for the word "paper" stay as in the field; only the connection
goes to the simulated world, as plain HTTP on loopback, with the scope of this fork in front of the path (`/@c17`).
Each client library is patched when it is imported. What no patch knows is refused by the egress guard.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from urllib.parse import urlsplit

from .clients import aiohttp, httpcore, stdlib_http, urllib3, websocket_client, websockets
from .egress import is_loopback
from .lazily import when_imported

SCOPE_VARIABLE = "SIGNAL_PROBE_SCOPE"
"""Carries the scope to Pythons that the bot starts."""

_SECURE = {"https": True, "wss": True, "http": False, "ws": False}
_FAMILY = {"https": "http", "http": "http", "wss": "ws", "ws": "ws"}
_Origin = tuple[str, bool, str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where one request really goes: plain HTTP (or websocket) to `host`:`port`, with `path` and query."""

    host: str
    port: int
    path: str

    @property
    def netloc(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    prefix: str
    host: str
    port: int
    path: str


RouteOf = Callable[[str, str, int | None, str], Route | None]
"""`route`, as the patches of the client libraries get it."""

_rules: dict[_Origin, list[_Rule]] = {}
_scope = ""
_patched = False


def install(redirects: Mapping[str, str], scope: str = "") -> None:
    """Patch the client libraries and send what `redirects` names elsewhere. Again: only the rules are replaced."""
    global _patched
    load(redirects)
    set_scope(scope)
    if not _patched:
        _patched = True
        for library in (urllib3, httpcore, stdlib_http, aiohttp, websockets, websocket_client):
            for module, patch in library.MODULES.items():
                when_imported(module, functools.partial(_patch, patch))


def load(redirects: Mapping[str, str]) -> None:
    """Send what goes to a key's origin (and path) to its value from here on; the last call counts.

    `redirects` maps URLs ("https://paper-api.alpaca.markets") to URLs on loopback ("http://127.0.0.1:9001"). Among
    keys of one origin the longest path wins, and is replaced by the target's; an http key serves the websockets of
    its origin too, unless a ws key exists. Raises ValueError where a value is not plain http or ws on loopback.
    """
    rules: dict[_Origin, list[_Rule]] = {}
    for source, target in redirects.items():
        origin, prefix = _origin(source)
        rules.setdefault(origin, []).append(_rule(prefix, source, target))
    for same in rules.values():
        same.sort(key=lambda rule: len(rule.prefix), reverse=True)
    _rules.clear()
    _rules.update(rules)


def set_scope(scope: str) -> None:
    """Put `/@<scope>` in front of every redirected path from here on, in this process and in Pythons it starts."""
    global _scope
    _scope = scope
    if scope:
        os.environ[SCOPE_VARIABLE] = scope
    else:
        os.environ.pop(SCOPE_VARIABLE, None)


def route(scheme: str, host: str, port: int | None, path: str) -> Route | None:
    """Where a request to this origin and path (with query) goes; None: it stays where it is.

    A path that carries a scope already stays as it is, so that a request is never rewritten twice on its way down
    through the layers of a library.
    """
    if not _rules or scheme not in _SECURE or path.startswith("/@"):
        return None
    secure = _SECURE[scheme]
    port = port or (443 if secure else 80)
    host = host.strip("[]").rstrip(".").lower()
    for family in dict.fromkeys((_FAMILY[scheme], "http")):
        for rule in _rules.get((family, secure, host, port), ()):
            if _under(rule.prefix, path):
                return _routed(rule, secure, host, port, path)
    return None


def rewritten(url: str) -> str | None:
    """A whole URL as it really goes out; None: it stays as it is."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        return None  # not a URL that could be connected to; the client itself will say so
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    to = route(parts.scheme, parts.hostname or "", port, path)
    if to is None:
        return None
    return f"{'ws' if _FAMILY[parts.scheme] == 'ws' else 'http'}://{to.netloc}{to.path}"


def _patch(patch: Callable[[ModuleType, RouteOf], None], module: ModuleType) -> None:
    patch(module, route)


def _under(prefix: str, path: str) -> bool:
    bare = path.partition("?")[0]
    return not prefix or bare == prefix or bare.startswith(prefix + "/")


def _routed(rule: _Rule, secure: bool, host: str, port: int, path: str) -> Route | None:
    rest = path[len(rule.prefix) :]
    if not rest.startswith("/"):
        rest = "/" + rest if not rule.path or rest else rest
    scope = f"/@{_scope}" if _scope else ""
    to = Route(host=rule.host, port=rule.port, path=f"{scope}{rule.path}{rest}" or "/")
    unchanged = (False, to.host, to.port, to.path) == (secure, host, port, path)
    return None if unchanged else to


def _origin(url: str) -> tuple[_Origin, str]:
    parts = urlsplit(url)
    if parts.scheme not in _SECURE or not parts.hostname:
        raise ValueError(f"redirect from {url!r}: give a URL such as https://paper-api.alpaca.markets")
    secure = _SECURE[parts.scheme]
    return (_FAMILY[parts.scheme], secure, parts.hostname, parts.port or (443 if secure else 80)), parts.path.rstrip(
        "/"
    )


def _rule(prefix: str, source: str, target: str) -> _Rule:
    parts = urlsplit(target)
    if parts.scheme not in ("http", "ws") or not parts.hostname or not is_loopback(parts.hostname):
        raise ValueError(f"redirect of {source} to {target!r}: the target must be plain http or ws on loopback")
    return _Rule(prefix=prefix, host=parts.hostname, port=parts.port or 80, path=parts.path.rstrip("/"))
