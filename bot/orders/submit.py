"""Send one entry, exactly once: intent on disk, one POST, and after a doubtful answer a question, never a resend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.clients.broker import PlacedOrder
from bot.clients.errors import Ambiguous, CallFailed, DuplicateId, Rejected
from bot.orders.intents import IntentLog
from bot.orders.ticket import Ticket, client_order_id


class Venue(Protocol):
    """What submitting needs of a venue client."""

    def submit_bracket(self, ticket: Ticket, client_order_id: str) -> PlacedOrder: ...

    def order(self, client_order_id: str) -> PlacedOrder | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """An order that stands at the venue. `adopted`: the answer was lost and it was found by its id."""

    client_order_id: str
    venue_order_id: str
    symbol: str
    side: str
    qty: int
    limit_price: float
    adopted: bool


class Unresolved(Exception):
    """Nobody knows whether the order stands; nothing new may be sent until that is settled."""


def submit(ticket: Ticket, *, venue: Venue, log: IntentLog, attempt: int) -> Submitted:
    """Send `ticket` and return the order that stands.

    Raises CallFailed when it certainly does not stand, Unresolved when that is not known, and OSError when the intent
    cannot be written (then nothing was sent).
    """
    order_id = client_order_id(ticket.signal, attempt)
    log.record(order_id, ticket)
    try:
        placed, adopted = venue.submit_bracket(ticket, order_id), False
    except (Ambiguous, DuplicateId) as error:
        log.resolve(order_id, "ambiguous", why=str(error))
        placed, adopted = _ask(order_id, venue, error), True
    except CallFailed as error:
        log.resolve(order_id, "rejected" if isinstance(error, Rejected) else "absent", why=str(error))
        raise
    if placed.status == "rejected":
        log.resolve(order_id, "rejected", venue_order_id=placed.venue_order_id, why="found rejected")
        call = f"POST /v2/orders {order_id}"
        raise Rejected(f"{call} was refused after all", call=call, status=None, code=None, extra={})
    log.resolve(order_id, "accepted", venue_order_id=placed.venue_order_id, why=placed.status)
    return Submitted(
        client_order_id=order_id,
        venue_order_id=placed.venue_order_id,
        symbol=ticket.symbol,
        side=ticket.side,
        qty=ticket.qty,
        limit_price=float(ticket.limit_price),
        adopted=adopted,
    )


def _ask(order_id: str, venue: Venue, doubt: CallFailed) -> PlacedOrder:
    try:
        found = venue.order(order_id)
    except CallFailed as error:
        raise Unresolved(f"{doubt}; asking for the order failed too: {error}") from error
    if found is None:
        # It may still be on its way. The next reconciliation asks again, until the settle window is over.
        raise Unresolved(f"{doubt}; the venue does not know the order yet") from doubt
    return found
