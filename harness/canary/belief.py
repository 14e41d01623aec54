"""Whom to believe: the venue's ledger says whether it traded; the trace only says why not.

An order is the canary's when it is new in the book. Exactly one, of the right symbol and side, not refused, of a
size that the bot itself decided: only that is `traded`.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from harness.vocabulary import Gate, LedgerOrder, Outcome, Side, Trace

COUNTED = "the running processes themselves: counted, not traced"
"""The note of a canary at depth `process`."""
REFUSED = ("rejected", "canceled", "cancelled", "expired", "suspended")


def believe(
    orders: Sequence[LedgerOrder],
    symbol: str,
    side: Side,
    trace: Trace,
    blocker: Gate | None,
    refusals: Sequence[str] = (),
) -> tuple[bool, str]:
    """Whether the new `orders` of the book are exactly the one order of this signal, and the sentence that says so.

    `refusals` is what the venue answered to orders that it did not take.
    """
    if not orders:
        return False, _why_none(trace, blocker, refusals)
    if len(orders) > 1:
        return False, f"{len(orders)} orders stand at the venue for one signal: {'; '.join(map(_line, orders))}"
    order = orders[0]
    if order.symbol != symbol:
        return False, f"the order at the venue is for {order.symbol}, the signal was for {symbol}"
    if order.side is not side:
        return False, f"the order at the venue is a {order.side}, the signal was a {side}: {_line(order)}"
    if order.status in REFUSED:
        return False, f"the order stands at the venue as {order.status}: {_line(order)}"
    if order.quantity <= 0:
        return False, f"the order at the venue is for nothing: {_line(order)}"
    decided = _last_quantity(trace)
    if decided is not None and decided != order.quantity:
        return False, f"the bot decided on {decided} and the venue has an order for {order.quantity}"
    return True, f"exactly one order stands at the venue: {_line(order)}"


def _line(order: LedgerOrder) -> str:
    limit = f" at {order.limit_price}" if order.limit_price is not None else ""
    return f"{order.side} {order.quantity.normalize():f} {order.symbol} {order.kind}{limit}, {order.status}"


def _last_quantity(trace: Trace) -> Decimal | None:
    """The last value of the traced quantity, where the lineage has one and it is a number."""
    steps = next((line.steps for line in trace.lineage if line.name == "quantity"), ())
    try:
        return Decimal(steps[-1].value) if steps else None
    except InvalidOperation:
        return None


def _why_none(trace: Trace, blocker: Gate | None, refusals: Sequence[str]) -> str:
    where = "no order stands at the venue: "
    if trace.outcome is Outcome.NOT_LOADED:
        at = f" at {trace.detail_at}" if trace.detail_at and trace.detail_at not in trace.detail else ""
        return f"{where}the bot does not load: {trace.detail}{at}"
    if blocker is not None:
        name = blocker.label or blocker.condition
        against = f" ({blocker.value} against {blocker.limit})" if blocker.limit else f" ({blocker.value})"
        needs = f"; passes with {blocker.needs}" if blocker.needs else ""
        where_it_is = f" at {blocker.file}:{blocker.line}"
        why = f"; underneath: {blocker.why}" if blocker.why else ""
        return f"{where}stopped by {name}{against if blocker.value else ''}{where_it_is}{needs}{why}"
    if trace.outcome is not Outcome.RETURNED:
        at = f" at {trace.detail_at}" if trace.detail_at else ""
        return f"{where}the bot's function {trace.outcome}: {trace.detail}{at}"
    if refusals:
        eaten = f", swallowed in {trace.swallowed[-1].handled_at}" if trace.swallowed else ""
        return f"{where}the venue refused the order with {refusals[-1]}{eaten}"
    if trace.lost:
        lost = trace.lost[0]
        return f"{where}the signal was last seen at {lost.file}:{lost.line} ({lost.how})"
    if COUNTED in trace.notes:
        return f"{where}the bot's own running processes sent none"
    return f"{where}the bot's function returned, and nothing in its trace says why"
