"""One simulated upstream alone, for the user's own shell: no bot, no wire."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from fixtures.alpaca import Alpaca
from fixtures.clock import VirtualClock
from fixtures.exchange.calendar import SessionCalendar
from fixtures.serving import PortTaken, serve
from fixtures.unusual_whales import UnusualWhales
from harness.lab.clock import AFTER_OPEN_S
from harness.lab.world import CASH_USD

__all__ = ["PortTaken", "simulated"]


@contextmanager
def simulated(party: str, *, port: int, key: str, secret: str, in_session: bool) -> Iterator[dict[str, str]]:
    """Serve `alpaca` or `uw` on loopback; yields what a client needs to know. Raises `PortTaken`."""
    clock = VirtualClock()
    if in_session and not SessionCalendar.nyse().is_open(time.time()):
        clock.set(SessionCalendar.nyse().next_open(time.time()) + AFTER_OPEN_S)
    if party == "alpaca":
        venue = Alpaca(clock)
        venue.open_account(key=key, secret=secret, cash=CASH_USD)
        with serve(venue.app, port=port, name=party) as served:
            streams = {"trading_stream": f"{served.ws_url}/stream", "data_stream": f"{served.ws_url}/v2/iex"}
            urls = {"trading_url": served.url, "data_url": served.url, **streams}
            yield {"simulates": party, **urls, "key": key, "secret": secret}
    else:
        provider = UnusualWhales(clock, token=key)
        with serve(provider.app, port=port, name=party) as served:
            yield {"simulates": party, "url": served.url, "socket": f"{served.ws_url}/socket", "token": key}
