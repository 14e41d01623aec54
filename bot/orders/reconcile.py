"""Bring our own books in line with the venue's, which are the truth, before anything new is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bot.clients.broker import Holding, PlacedOrder
from bot.clients.errors import CallFailed
from bot.journal import Journal
from bot.orders.intents import IntentLog
from bot.orders.ticket import ID_PREFIX

ENDED = frozenset({"filled", "canceled", "expired", "rejected", "replaced"})
LOOKBACK_S = 172_800.0
FORGOTTEN_S = 86_400.0
"""A day without a trace of an order that it had accepted, and the venue has forgotten it: a paper account was reset."""


class Venue(Protocol):
    """What reconciliation needs of a venue client."""

    def order(self, client_order_id: str) -> PlacedOrder | None: ...

    def orders_since(self, at: float) -> list[PlacedOrder]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """An intent whose outcome is open, for how long already, and how long the venue is given to know it."""

    client_order_id: str
    age_s: float
    settle_s: float
    why: str


def settle_intents(log: IntentLog, venue: Venue, *, now: float, settle_s: float, journal: Journal) -> Doubt | None:
    """Ask for every open intent by its id; the first that stays open comes back. Raises OSError."""
    for intent in log.unresolved():
        age_s = now - intent.event_at  # since the doubt began: the request itself may have taken long
        try:
            found = venue.order(intent.client_order_id)
        except CallFailed as error:
            return Doubt(client_order_id=intent.client_order_id, age_s=age_s, settle_s=settle_s, why=str(error))
        if found is not None:
            log.resolve(intent.client_order_id, "accepted", venue_order_id=found.venue_order_id, why=found.status)
            journal.info("order_adopted", client_order_id=intent.client_order_id, status=found.status)
        elif 0 <= age_s < settle_s:
            why = "the venue does not know the order yet"
            return Doubt(client_order_id=intent.client_order_id, age_s=age_s, settle_s=settle_s, why=why)
        else:
            log.resolve(intent.client_order_id, "given_up", why=f"unknown to the venue after {age_s:.1f} s")
            journal.warning("order_given_up", client_order_id=intent.client_order_id, age_s=age_s)
    return None


def follow_orders(log: IntentLog, venue: Venue, *, now: float) -> list[str]:
    """Close the intents whose orders have ended. Returns our orders that no intent explains (there must be none).

    Looks back to the oldest intent, at most two days; a working order that is older is asked for by its id. One that
    was given up and came after all counts again. Raises CallFailed, OSError.
    """
    ours = list(log.intents.values())
    if not ours:
        return []
    since = max(min(intent.at for intent in ours) - 1.0, now - LOOKBACK_S)
    listed = {order.client_order_id: order for order in venue.orders_since(since)}
    for known, order in listed.items():
        if known in log.intents and not log.intents[known].is_there:
            log.resolve(known, "accepted", venue_order_id=order.venue_order_id, why=f"came late: {order.status}")
    for intent in log.working():
        found = listed.get(intent.client_order_id) or venue.order(intent.client_order_id)
        if found is not None and has_ended(found):
            log.resolve(intent.client_order_id, "closed", why=found.status)
        elif found is None and now - intent.at > FORGOTTEN_S:
            log.resolve(intent.client_order_id, "closed", why="the venue no longer knows it")
    return [
        known
        for known, order in listed.items()
        if known not in log.intents and known.startswith(ID_PREFIX) and order.submitted_at > (log.recovered_at or 0.0)
    ]


def has_ended(order: PlacedOrder) -> bool:
    """Nothing more can come of the parent order itself; legs of a filled bracket live on."""
    return order.status in ENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One symbol on which our book and the broker's disagree."""

    symbol: str
    local_qty: float
    broker_qty: float

    @property
    def is_critical(self) -> bool:
        """Long here and short there: somebody else trades this account, or an order went wrong badly."""
        return self.local_qty * self.broker_qty < 0


def compare_positions(local: dict[str, float], broker: dict[str, Holding]) -> list[Difference]:
    """Every symbol whose quantity differs, in order of symbol."""
    found = []
    for symbol in sorted(local.keys() | broker.keys()):
        here = local.get(symbol, 0.0)
        there = broker[symbol].qty if symbol in broker else 0.0
        if abs(here - there) > 1e-9:
            found.append(Difference(symbol=symbol, local_qty=here, broker_qty=there))
    return found
