"""FP-4.1: the wire to the broker is down; connections are refused and the living ones are closed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from chaos.effect import NoEffect
from chaos.wire.toxiproxy_wire import ToxiproxyWire
from harness.lab.bench import Bench
from harness.vocabulary.roles import Upstream


@contextmanager
def fault(bench: Bench) -> Iterator[None]:
    """Take down the wire of the venue, and of its market data: one broker, one outage."""
    if not isinstance(bench.wire, ToxiproxyWire):
        raise NoEffect("a wire can only be taken down where Toxiproxy carries it")
    with ExitStack() as stack:
        for role in (Upstream.VENUE, Upstream.MARKET_DATA):
            if role in bench.deployment.toml.upstreams:
                stack.enter_context(bench.wire.proxy(role).down())
        yield
