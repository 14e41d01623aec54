"""One proxy on the wire, and the faults it can have while a block runs.

Source: Shopify/toxiproxy 2.12.0, README "Toxics"; what clients see of each is proven in `tests/chaos/test_toxics.py`.
"""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from chaos.effect import NoEffect
from chaos.ledger import standing
from chaos.lift_kinds import DeleteToxic, EnableProxy
from chaos.wire.api import Api, BadRequest, WireError

Stream = Literal["downstream", "upstream"]


class UnknownAttribute(WireError):
    """The server dropped an attribute in silence: a misspelt one would be a fault that does nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Toxic:
    """A toxic that stands, as the server echoed it."""

    name: str
    kind: str
    stream: Stream
    toxicity: float
    attributes: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class WireProxy:
    """Carries `listen` to `upstream`, both HOST:PORT on loopback."""

    api: Api
    name: str
    listen: str
    upstream: str

    @property
    def port(self) -> int:
        """The port that a client connects to."""
        return int(self.listen.rsplit(":", 1)[1])

    @contextmanager
    def toxic(
        self, kind: str, *, stream: Stream = "downstream", toxicity: float = 1.0, **attributes: int
    ) -> Iterator[Toxic]:
        """Poison the connection while the block runs.

        Kinds and attributes: latency (latency, jitter: ms), bandwidth (rate: KB/s), slow_close (delay: ms),
        timeout (timeout: ms, 0 never closes), reset_peer (timeout: ms), slicer (average_size, size_variation: bytes,
        delay: us), limit_data (bytes). Downstream is from the venue to the bot. A toxicity below 1 strikes at random
        and cannot be replayed: the server's seed has no effect.
        Raises UnknownAttribute for a name that the server does not know, BadRequest for an unknown kind.
        """
        name = f"{kind}-{stream}-{uuid.uuid4().hex[:8]}"
        what = f"toxic {kind} {attributes} on {self.name}"
        body = {"name": name, "type": kind, "stream": stream, "toxicity": toxicity, "attributes": attributes}
        with standing("toxic", what, DeleteToxic(url=self.api.url, proxy=self.name, toxic=name)):
            echo = self.api.add_toxic(self.name, body)
            _compare(kind, attributes, echo.attributes)
            if (echo.stream, echo.toxicity) != (stream, toxicity):
                raise BadRequest(
                    f"toxic {kind}: asked for {stream} at {toxicity}, got {echo.stream} at {echo.toxicity}"
                )
            yield Toxic(name=name, kind=kind, stream=stream, toxicity=toxicity, attributes=echo.attributes)

    def change(self, toxic: Toxic, **attributes: int) -> None:
        """Give a standing toxic other values; connections that are open feel it. Raises UnknownAttribute."""
        _compare(toxic.kind, attributes, self.api.change_toxic(self.name, toxic.name, attributes).attributes)

    @contextmanager
    def down(self) -> Iterator[None]:
        """Refuse connections and close the live ones while the block runs; asserts that it is refused.

        Raises Refused at the end when another process took the port meanwhile.
        """
        with standing("down", f"outage of {self.name}", EnableProxy(url=self.api.url, proxy=self.name)):
            self.api.set_enabled(self.name, enabled=False)
            if self._accepts():
                raise NoEffect(f"{self.name} is down, yet {self.listen} accepts connections")
            yield

    def toxics(self) -> dict[str, Mapping[str, object]]:
        """What stands on it now: the attributes by toxic name."""
        return {name: toxic.attributes for name, toxic in self.api.toxics(self.name).items()}

    def _accepts(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1.0):
                return True
        except OSError:
            return False


def _compare(kind: str, asked: Mapping[str, object], echoed: Mapping[str, object]) -> None:
    unknown = sorted(set(asked) - set(echoed))
    if unknown:
        raise UnknownAttribute(
            f"toxic {kind} has no attribute {', '.join(unknown)}; it has {', '.join(sorted(echoed)) or 'none'}"
        )
    for name, value in asked.items():
        if echoed[name] != value:
            raise BadRequest(f"toxic {kind}: {name} was set to {value!r}, and the server took it for {echoed[name]!r}")
