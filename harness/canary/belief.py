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
NOT_STARTED = "not started at import: "
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
    if trace.outcome in (Outcome.NOT_LOADED, Outcome.NOT_SENT):
        return f"{where}{trace.ending}"
    if blocker is not None:
        return f"{where}{_stopped_by(blocker)}"
    if trace.outcome is not Outcome.RETURNED:
        return f"{where}{trace.ending}{_waited_for(trace)}"
    if refusals:
        eaten = f", swallowed in {trace.swallowed[-1].handled_at}" if trace.swallowed else ""
        return f"{where}the venue refused the order with {refusals[-1]}{eaten}"
    if trace.lost:
        lost = trace.lost[0]
        return f"{where}the signal was last seen at {lost.file}:{lost.line} ({lost.how})"
    if COUNTED in trace.notes:
        return f"{where}the bot's own running processes sent none"
    return f"{where}the bot's function returned, and nothing in its trace says why"


def _stopped_by(blocker: Gate) -> str:
    """The blocker in one clause, nothing said twice."""
    name, at = blocker.label or blocker.condition, f"{blocker.file}:{blocker.line}"
    limited = (blocker.limit and blocker.limit != blocker.value) or blocker.value.lstrip("-")[:1].isdigit()
    against = f"{blocker.value} against {blocker.limit}" if blocker.limit and limited else blocker.value
    against = f" ({against})" if against and against != name else ""
    needs = f"; passes with {blocker.needs}" if blocker.needs else ""
    said = blocker.why == f"{blocker.value}, raised at {at}"
    why = f"; underneath: {blocker.why}" if blocker.why and not said else ""
    return f"stopped by {name}{against} at {at}{needs}{why}"


def _waited_for(trace: Trace) -> str:
    """What a call that came to no end may have waited for."""
    kept = [note.removeprefix(NOT_STARTED) for note in trace.notes if note.startswith(NOT_STARTED)]
    if trace.outcome is not Outcome.TIMED_OUT or not kept:
        return ""
    more = f" and {len(kept) - 1} more" if len(kept) > 1 else ""
    return (
        f"; it may wait for what the bot starts at import and no canary does: {kept[0]}{more}"
        "; name a function that decides without it as the target"
    )
