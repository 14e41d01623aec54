"""The simulated world of one bench: a venue and a provider on loopback, and a wire to each.

Only this room of the harness imports `fixtures`. The venue's own book is read here, directly, never over the wire.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from fixtures.alpaca import Alpaca
from fixtures.clock import VirtualClock
from fixtures.exchange import BookedOrder
from fixtures.serving import serve
from fixtures.unusual_whales import UnusualWhales, flow
from harness.deployment import Deployment
from harness.lab.environment import LabKeys
from harness.lab.ports import Wire
from harness.lab.recorded import Recorded, recorded_positions
from harness.observe.access import Endpoint
from harness.vocabulary import LedgerOrder, NotApplicable, Side
from harness.vocabulary.roles import Upstream

CASH_USD = Decimal(100_000)
REFUSED_FROM = 400
ORDINARY_ROWS = 40
"""A quiet market: at the lab's pace a bot reads each page a thousand times, and a full one tells it nothing more."""
UNKNOWN_PRICE_USD = Decimal(100)
"""For a recorded position that says no price, in a symbol that the simulated market does not list by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """One request that an upstream of the lab saw; `status` is None while it is not answered."""

    path: str
    status: int | None
    at_s: float


class World:
    """The venues and providers that one bot needs, by the protocols its `bot.toml` names."""

    def __init__(self, deployment: Deployment, clock: VirtualClock, keys: LabKeys) -> None:
        self._deployment = deployment
        self._keys = keys
        self._clock = clock
        self.venue: Alpaca | None = None
        self.provider: UnusualWhales | None = None
        self.account = ""
        self.redirects: dict[str, str] = {}
        """The origin that the bot calls, to the loopback origin that answers instead."""
        self.variables: dict[str, str] = {}
        """The environment variables by which the bot itself can be pointed at an upstream of the lab."""
        for role, table in deployment.toml.upstreams.items():
            if table.protocol == "alpaca" and self.venue is None:
                self.venue = Alpaca(clock)
                self.list_symbols(deployment.toml.canary.symbols)
            if table.protocol == "unusual-whales":
                self.provider = UnusualWhales(clock, token=keys.of(deployment, role)["token"])
                self.provider.ordinary_rows_max = ORDINARY_ROWS
                self._pace_provider()
                self.quieten(deployment.toml.canary.symbols)

    def at_venue(self) -> Alpaca:
        """The simulated venue; raises `NotApplicable` for a bot that has none."""
        if self.venue is None:
            raise NotApplicable("bot.toml has no upstream with protocol alpaca")
        return self.venue

    def at_provider(self) -> UnusualWhales:
        """The simulated provider; raises `NotApplicable` for a bot that has none."""
        if self.provider is None:
            raise NotApplicable("bot.toml has no upstream with protocol unusual-whales")
        return self.provider

    def _pace_provider(self) -> None:
        """The lab key's provider limit runs at the same pace as the bot."""
        if self.provider is not None:
            factor = self._deployment.toml.pace.factor
            self.provider.limits.per_minute = round(self.provider.limits.per_minute * factor)
            self.provider.limits.daily = round(self.provider.limits.daily * factor)

    @contextmanager
    def served(self, wire: Wire) -> Iterator[None]:
        """Serve every upstream on loopback and put the wire before each."""
        with ExitStack() as stack:
            stack.callback(wire.close)
            ports: dict[str, int] = {}
            for role, table in self._deployment.toml.upstreams.items():
                if table.protocol not in ports:
                    party = self.at_venue() if table.protocol == "alpaca" else self.at_provider()
                    ports[table.protocol] = stack.enter_context(serve(party.app, name=table.protocol)).port
                listen = wire.link(role, ports[table.protocol])
                here = f"http://127.0.0.1:{listen}"
                self.redirects[table.url] = here
                if table.url_variable:
                    self.variables[table.url_variable] = here
                    self.redirects[here] = here  # so that a canary's scope reaches its requests too
            self._open_account()
            yield

    def _open_account(self) -> None:
        if self.venue is None or Upstream.VENUE not in self._deployment.toml.upstreams:
            return
        keys = self._keys.of(self._deployment, Upstream.VENUE)
        self.venue.settings.rate_limit_per_min = round(200 * self._deployment.toml.pace.factor)
        self.account = self.venue.open_account(key=keys["key"], secret=keys["secret"], cash=CASH_USD).id
        for held in recorded_positions(self._deployment):
            self._seed(self.venue, held)

    def _seed(self, venue: Alpaca, held: Recorded) -> None:
        """Hold what the copied state records, at the price it was bought for: in the lab it has won nothing."""
        known = held.symbol in venue.market.universe
        price = held.price or (venue.market.asset(held.symbol).price if known else UNKNOWN_PRICE_USD)
        asset = dataclasses.replace(venue.market.asset(held.symbol), price=price) if known else held.symbol
        venue.market.add_asset(asset, price)
        venue.seed_position(self.account, held.symbol, held.quantity, price)

    def endpoints(self) -> dict[Upstream, Endpoint]:
        """Where each upstream of the lab answers, and with which lab key, as the bot reaches it: over the wire."""
        return {
            role: Endpoint(
                protocol=table.protocol, url=self.redirects[table.url], **self._keys.of(self._deployment, role)
            )
            for role, table in self._deployment.toml.upstreams.items()
        }

    # -- the ledger -------------------------------------------------------------------------------------------------

    def clone_account(self) -> str:
        """An isolated copy of the bot's account as it is now; its name is the scope of the requests that use it."""
        return self.at_venue().clone_account(self.account)

    def drop_account(self, account: str) -> None:
        self.at_venue().drop_account(account)

    def ledger(self, account: str) -> tuple[LedgerOrder, ...]:
        """The orders that stand in the venue's own book; a bracket's legs belong to their parent and do not count."""
        return tuple(_ledger_order(order) for order in self.at_venue().book(account) if not order.parent_id)

    def list_symbols(self, symbols: Sequence[str]) -> None:
        """Let the simulated market list these symbols too, at a price of its own."""
        for symbol in symbols:
            if symbol not in self.at_venue().market.universe:
                self.at_venue().market.add_asset(symbol, UNKNOWN_PRICE_USD)

    def listed(self) -> tuple[str, ...]:
        """Every symbol of the simulated market; empty for a bot that has no venue."""
        return self.venue.market.universe if self.venue is not None else ()

    def positions(self, account: str) -> Mapping[str, Decimal]:
        """What the account holds: symbol to signed quantity."""
        return {held.symbol: held.qty for held in self.at_venue().positions(account)}

    def refusals(self, account: str, symbol: str) -> tuple[str, ...]:
        """What the venue answered to orders of this account in `symbol` that it did not take, oldest first."""
        seen = self.at_venue().script.log
        asked = [one for one in seen if one.scope == account and (one.method, one.path) == ("POST", "/v2/orders")]
        return tuple(
            f"{one.status} to POST {one.path}"
            for one in asked
            if one.status is not None and one.status >= REFUSED_FROM and f'"{symbol}"'.encode() in one.body
        )

    def mid_price(self, symbol: str) -> float:
        """The venue's own middle price of `symbol` in US dollars."""
        quote = self.at_venue().market.quote(symbol)
        return float((quote.bid + quote.ask) / 2)

    # -- the provider -----------------------------------------------------------------------------------------------

    def quieten(self, symbols: Sequence[str]) -> None:
        """Give these symbols no ordinary rows, so that their rows in the bot's cache can only be golden ones."""
        provider = self.at_provider()
        provider.universe = tuple(symbol for symbol in provider.universe if symbol not in symbols)

    @contextmanager
    def only_golden(self) -> Iterator[None]:
        """No ordinary rows for any symbol: a bot without a cache meets the provider in the canary's own cycle, and
        would trade whatever else looks good there."""
        provider = self.at_provider()
        before, provider.universe = provider.universe, ()
        try:
            yield
        finally:
            provider.universe = before

    @contextmanager
    def golden_rows(self, symbol: str, side: Side) -> Iterator[None]:
        """Publish the rows of a good signal for `symbol` at the provider; withdraw them at the end."""
        provider = self.at_provider()
        direction: Literal["bullish", "bearish"] = "bullish" if side is Side.BUY else "bearish"
        price = self.mid_price(symbol) if self.venue else 100.0
        at_s = self._clock.now()
        sweeps = flow.bullish_sweeps(symbol, at=at_s, underlying_price=price, side=direction)
        prints = flow.darkpool_prints(symbol, at=at_s, underlying_price=price)
        with provider.publish(sweeps), provider.publish(prints, endpoint="darkpool"):
            yield

    def provider_traffic(self) -> Sequence[Traffic]:
        """Every request that the provider saw, oldest first."""
        if self.provider is None:
            return ()
        return [Traffic(path=seen.path, status=seen.status, at_s=seen.at) for seen in self.provider.requests]


def _ledger_order(order: BookedOrder) -> LedgerOrder:
    return LedgerOrder(
        order_id=order.id,
        client_order_id=order.client_order_id,
        symbol=order.symbol,
        side=Side(order.side),
        # a notional order has no size before it is priced
        quantity=_plain(order.filled_qty if order.qty is None else order.qty),
        filled_quantity=_plain(order.filled_qty),
        kind=order.type,
        status=order.status,
        limit_price=order.limit_price,
        submitted_at_s=order.submitted_at,
    )


def _plain(quantity: Decimal) -> Decimal:
    """The quantity without zeros that only show how it was written: 8, not 8.0."""
    return Decimal(f"{quantity.normalize():f}")
