"""The wire that the lab is handed: every link goes through a Toxiproxy of this process."""

from __future__ import annotations

import uuid

from chaos.wire.api import Unreachable, WireError
from chaos.wire.provision import Say
from chaos.wire.proxy import WireProxy
from chaos.wire.server import ToxiproxyServer, server_of_this_process


class ToxiproxyWire:
    """A `Wire` of `harness.lab`: an upstream's port in, a listening port out, both on 127.0.0.1."""

    def __init__(self, server: ToxiproxyServer | None = None, *, say: Say = lambda _: None) -> None:
        """`server` None: the one that this process shares. Raises NoToxiproxy or WireError."""
        self._server = server or server_of_this_process(say)
        self._mark = uuid.uuid4().hex[:6]  # wires that share a server may use the same names
        self._links: dict[str, WireProxy] = {}

    @property
    def description(self) -> str:
        """What it is and where it came from, for the report."""
        return self._server.description

    def link(self, name: str, upstream_port: int) -> int:
        """Carry a free loopback port to `upstream_port`. Raises WireError for a name that has a link."""
        if name in self._links:
            raise WireError(f"{name} has a link on this wire already; each upstream needs a name of its own")
        made = self._server.proxy(f"{name}-{self._mark}", upstream=f"127.0.0.1:{upstream_port}")
        self._links[name] = made
        return made.port

    def proxy(self, name: str) -> WireProxy:
        """The link's proxy, for faults. Raises WireError for an unknown name."""
        try:
            return self._links[name]
        except KeyError:
            known = ", ".join(sorted(self._links)) or "none"
            raise WireError(f"no link {name} on this wire; there are: {known}") from None

    def close(self) -> None:
        """Take down every link of this wire; the server stays for the others. A second call does nothing."""
        for name in list(self._links):
            try:
                self._server.delete(self._links.pop(name))
            except Unreachable:
                # The server has gone, so every link has: what close() is for is done.
                self._links.clear()
                return
