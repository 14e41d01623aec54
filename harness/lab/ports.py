"""The two doors through which the poison cabinet is handed to the lab; `harness.cli` fills them, nothing here does."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    from harness.lab.bench import Bench


class Wire(Protocol):
    """What stands between a bot and a venue: nothing, or Toxiproxy."""

    @property
    def description(self) -> str:
        """What it is and where it came from, for the report."""

    def link(self, name: str, upstream_port: int) -> int:
        """Carry a loopback port to `upstream_port`; both on 127.0.0.1."""

    def close(self) -> None:
        """Take down every link that this wire made."""


class DirectWire:
    """No wire at all: the bot speaks to the simulated venue's own port."""

    description = "none: the bot speaks to the simulated venues directly"

    def link(self, name: str, upstream_port: int) -> int:
        return upstream_port

    def close(self) -> None:
        """Nothing was made, so nothing is taken down."""


Faults: TypeAlias = "Callable[[str, Bench], AbstractContextManager[Any]]"
"""A failure point's name and a bench in, a context manager out: the real fault, injected inside and lifted after."""
