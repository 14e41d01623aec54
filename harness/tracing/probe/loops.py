"""Event loops that import made: each fork gets its own way to wake them.

A loop wakes itself by a byte through a socket pair. Forks that share the pair would take each other's bytes, and a
loop whose byte is taken sleeps on. Source: `asyncio.selector_events`, the same in 3.11, 3.12 and 3.13.
"""

from __future__ import annotations

import weakref
from types import ModuleType
from typing import Any

from .lazily import when_imported

_loops: weakref.WeakSet[Any] = weakref.WeakSet()


def watch() -> None:
    """Keep in mind every event loop that is made from here on."""
    when_imported("asyncio.selector_events", _patch)


def renew() -> None:
    """In a fork, after its epolls were renewed: give each open loop a socket pair of its own."""
    for loop in list(_loops):
        if not loop.is_closed():
            loop._close_self_pipe()
            loop._make_self_pipe()


def _patch(module: ModuleType) -> None:
    loops = module.BaseSelectorEventLoop
    make = loops.__init__

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807 - it takes that one's place
        make(self, *args, **kwargs)
        _loops.add(self)

    loops.__init__ = __init__
