"""Where the poison cabinet is handed to the lab: which Toxiproxy carries the wire, and where it came from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from harness.cli.trouble import Trouble
from harness.lab.egress import seal
from harness.lab.ports import DirectWire, Wire


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """A maker of wires. `missing` says why they are direct; empty where Toxiproxy carries them."""

    make: Callable[[], Wire]
    guard: str
    """Which egress guard is in force."""
    missing: str = ""


@contextmanager
def wiring(say: Callable[[str], None]) -> Iterator[Wiring]:
    """Find (or build) Toxiproxy while there is a network, leave the network, and start the server inside.

    Where there is none, the wires are direct, and the reason is kept for the report.
    """
    from chaos.wire.api import WireError
    from chaos.wire.provision import NoToxiproxy, only_loopback, provision
    from chaos.wire.server import ToxiproxyServer
    from chaos.wire.toxiproxy_wire import ToxiproxyWire

    try:
        found = provision(say, may_build=not only_loopback())  # a build fetches, which needs a network
    except NoToxiproxy as error:
        yield Wiring(make=DirectWire, guard=seal(wired=False), missing=f"the network points: {error}")
        return
    guard = seal()
    try:
        server = ToxiproxyServer(found)
        server.start()
    except WireError as error:
        raise Trouble(str(error)) from error
    with server:
        yield Wiring(make=lambda: ToxiproxyWire(server), guard=guard)
