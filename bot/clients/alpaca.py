"""Alpaca through its own SDK, with the SDK's two habits cured: no timeout, and four silent sends of one order.

alpaca-py waits for ever and repeats any request up to three times on 429 and 504 (`RESTClient._request`). Here every
session has deadlines on the socket, the SDK's retries are off, and only reads are tried a second time. The SDK gives
its replies raw (`raw_data=True`), because `bot.clients.broker` checks them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import requests
import stamina

from bot.clients import broker, deadline
from bot.clients.broker import Account, Holding, MarketClock, MarketQuote, PlacedOrder
from bot.clients.errors import (
    Ambiguous,
    AuthRefused,
    CallFailed,
    ContractBroken,
    NotFound,
    NotSent,
    RateLimited,
    Rejected,
    Transient,
    transport_failure,
)
from bot.clients.on_first_use import loaded_on_first_use
from bot.clients.replies import refusal, told
from bot.clients.transport import mount
from bot.orders.ticket import Ticket
from bot.settings import Settings

with loaded_on_first_use("pandas"):
    from alpaca.common.exceptions import APIError
    from alpaca.common.rest import RESTClient
    from alpaca.trading.client import TradingClient
    from alpaca.trading.enums import OrderClass, OrderSide, QueryOrderStatus, TimeInForce
    from alpaca.trading.requests import (
        GetOrderByIdRequest,
        GetOrdersRequest,
        LimitOrderRequest,
        MarketOrderRequest,
        StopLossRequest,
        TakeProfitRequest,
    )

T = TypeVar("T")

_DEFINITE = (Rejected, RateLimited, AuthRefused, NotFound, NotSent)
"""After one of these the order certainly does not exist, or (id taken) certainly does."""


class Alpaca:
    """One account at the venue. Reads raise CallFailed; submits raise Ambiguous when the outcome is not known."""

    def __init__(self, settings: Settings) -> None:
        key = settings.alpaca_api_key.get_secret_value()
        secret = settings.alpaca_secret_key.get_secret_value()
        self._deadline_s = settings.venue_deadline_s
        self._trading = TradingClient(key, secret, paper=True, url_override=settings.alpaca_base_url, raw_data=True)
        # The SDK's own client of the data host cannot be imported without pandas.
        self._data = RESTClient(settings.alpaca_data_url, key, secret)
        for client, url in ((self._trading, settings.alpaca_base_url), (self._data, settings.alpaca_data_url)):
            client._retry = 0
            mount(
                client._session,
                url,
                connect_s=settings.venue_connect_s,
                read_s=settings.venue_read_s,
                total_s=settings.venue_deadline_s,
            )

    def account(self) -> Account:
        """Money and flags of the account."""
        return self._read("GET /v2/account", lambda: broker.read_account(self._trading.get_account()))

    def clock(self) -> MarketClock:
        """The venue's own clock, and what it says of the session."""
        return self._read("GET /v2/clock", lambda: broker.read_clock(self._trading.get_clock()))

    def positions(self) -> dict[str, Holding]:
        """Everything held, by symbol."""
        return self._read("GET /v2/positions", lambda: broker.read_holdings(self._trading.get_all_positions()))

    def quote(self, symbol: str) -> MarketQuote:
        """The newest quote of `symbol`. NotFound when the venue has none."""
        call = f"GET /v2/stocks/quotes/latest {symbol}"
        asked = {"symbols": symbol}
        quotes = self._read(call, lambda: broker.read_quotes(self._data.get("/stocks/quotes/latest", asked)))
        if symbol not in quotes:
            raise NotFound(f"{call} answered without a quote for {symbol}", call=call, status=200)
        return quotes[symbol]

    def order(self, client_order_id: str) -> PlacedOrder | None:
        """The order with this client id, or None when the venue does not know it."""
        call = f"GET /v2/orders:by_client_order_id {client_order_id}"
        try:
            return self._read(call, lambda: broker.read_order(self._trading.get_order_by_client_id(client_order_id)))
        except NotFound:
            return None

    def order_with_legs(self, venue_order_id: str) -> PlacedOrder:
        """An order with the protective orders under it."""
        call = f"GET /v2/orders/{venue_order_id}"
        nested = GetOrderByIdRequest(nested=True)
        return self._read(call, lambda: broker.read_order(self._trading.get_order_by_id(venue_order_id, nested)))

    def orders_since(self, at: float) -> list[PlacedOrder]:
        """The account's orders, open and closed, that were submitted after `at` (unix seconds); at most 500, nested."""
        after = datetime.fromtimestamp(at, UTC)
        wanted = GetOrdersRequest(status=QueryOrderStatus.ALL, after=after, limit=500, nested=True)
        return self._read("GET /v2/orders", lambda: broker.read_orders(self._trading.get_orders(wanted)))

    def open_orders(self, symbol: str) -> list[PlacedOrder]:
        """The open orders of one symbol, legs as orders of their own."""
        wanted = GetOrdersRequest(status=QueryOrderStatus.OPEN, symbols=[symbol], limit=500)
        return self._read("GET /v2/orders", lambda: broker.read_orders(self._trading.get_orders(wanted)))

    def submit_bracket(self, ticket: Ticket, client_order_id: str) -> PlacedOrder:
        """Send an entry once. Ambiguous when it may or may not stand; any other CallFailed means that it does not."""
        request = LimitOrderRequest(
            symbol=ticket.symbol,
            qty=ticket.qty,
            side=OrderSide(ticket.side),
            # The legs live as long as their parent may: those of a day order end at the close, and the position stays.
            time_in_force=TimeInForce.GTC,
            limit_price=float(ticket.limit_price),
            order_class=OrderClass.BRACKET,
            take_profit=TakeProfitRequest(limit_price=float(ticket.take_profit)),
            stop_loss=StopLossRequest(stop_price=float(ticket.stop_loss)),
            client_order_id=client_order_id,
        )
        return self._submit(request, client_order_id)

    def submit_exit(self, symbol: str, qty: float, client_order_id: str) -> PlacedOrder:
        """Sell (or buy back, when `qty` is negative) a whole position at the market. Errors as `submit_bracket`."""
        side = OrderSide.SELL if qty > 0 else OrderSide.BUY
        request = MarketOrderRequest(
            symbol=symbol, qty=abs(qty), side=side, time_in_force=TimeInForce.DAY, client_order_id=client_order_id
        )
        return self._submit(request, client_order_id)

    def cancel(self, venue_order_id: str) -> None:
        """Ask for a cancel. An acknowledgement is no proof: look again."""
        call = f"DELETE /v2/orders/{venue_order_id}"
        with deadline.within(self._deadline_s):
            _sorted_out(call, lambda: self._trading.cancel_order_by_id(venue_order_id))

    def _submit(self, request: LimitOrderRequest | MarketOrderRequest, client_order_id: str) -> PlacedOrder:
        call = f"POST /v2/orders {client_order_id}"
        try:
            with deadline.within(self._deadline_s):
                placed = _sorted_out(call, lambda: broker.read_order(self._trading.submit_order(request)))
        except _DEFINITE:
            raise
        except CallFailed as error:
            raise Ambiguous(str(error), call=call, status=error.status) from error
        if placed.client_order_id != client_order_id:
            raise Ambiguous(f"{call} answered with another order, {placed.client_order_id}", call=call, status=200)
        if placed.status == "rejected":
            raise Rejected(f"{call} answered 200 with status rejected", call=call, status=200, code=None, extra={})
        return placed

    def _read(self, call: str, ask: Callable[[], T]) -> T:
        """Ask, and once more after what is likely to pass, all inside one deadline."""
        with deadline.within(self._deadline_s):
            for attempt in stamina.retry_context(
                on=_wait_before_asking_again, attempts=2, timeout=self._deadline_s, wait_initial=0.05, wait_jitter=0.05
            ):
                with attempt:
                    return _sorted_out(call, ask)
        raise AssertionError("stamina raises after its last attempt")


def _wait_before_asking_again(error: Exception) -> bool | float:
    """True lets stamina choose the wait, a number is the wait that the venue stated, False gives up."""
    if isinstance(error, RateLimited):
        wait_s = error.retry_after_s
        return wait_s if wait_s is not None and wait_s < deadline.remaining_s() else False
    return isinstance(error, Transient) and deadline.remaining_s() > 0.2


def _sorted_out(call: str, ask: Callable[[], T]) -> T:
    """Call the SDK and turn whatever comes out of it into one of our errors."""
    try:
        return ask()
    except APIError as error:
        response = getattr(error._http_error, "response", None)
        if response is None:
            raise ContractBroken(f"{call} failed without a reply", call=call) from error
        raise refusal(call, response.status_code, told(response), response.headers) from error
    except requests.JSONDecodeError as error:
        raise ContractBroken(f"{call} answered with no JSON: {error}", call=call, status=200) from error
    except (requests.RequestException, TimeoutError) as error:
        raise transport_failure(error, call=call) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        what = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ContractBroken(f"{call} answered against its contract: {what}", call=call, status=200) from error
