"""What happens to positions after the entry: orders that ended, trades that closed, positions held too long.

Profit and loss are taken by the bracket's legs at the venue, day after day and also while this bot is down. Here the
bot only learns from it, takes back entries that nobody filled, and closes what no leg has closed in time.
"""

from __future__ import annotations

import time

from bot.clients.broker import Holding
from bot.clients.errors import Ambiguous, CallFailed, DuplicateId, NotFound, Rejected
from bot.equities.desk import Desk
from bot.equities.floor import adopt
from bot.equities.state import Memory, Position
from bot.orders.reconcile import compare_positions, follow_orders, settle_intents
from bot.orders.ticket import client_order_id

LOSSES_THAT_RAISE = 3
CLOCKS_APART_S = 300.0
"""Our clock and the venue's agree within seconds; further apart, one of them is wrong."""


def manage_exits(desk: Desk) -> None:
    """Follow orders, withdraw old entries, book closed trades, close old positions.

    What fails for one symbol is logged, and does not keep the others from their exits. Raises CallFailed when the venue
    cannot be asked, StateUnusable and OSError when our own books fail.
    """
    memory, now = desk.recall(), time.time()
    if not memory.intents.intents and not memory.positions:
        return
    settle_s = desk.settings.settle_window_s
    settle_intents(memory.intents, desk.venue, now=now, settle_s=settle_s, journal=desk.journal)
    unexplained = follow_orders(memory.intents, desk.venue, now=now)
    if unexplained and not memory.kill_switch.active:
        reason = f"{len(unexplained)} orders carry our prefix but no intent explains them: {', '.join(unexplained[:3])}"
        memory.stop_trading(reason)
        desk.journal.error("orders_exceed_intents", reason=reason)
    holdings = desk.venue.positions()
    withdraw_entries(desk, memory, holdings, now)
    book_closed_trades(desk, memory, holdings, now)
    close_overdue(desk, memory, holdings, now)


def close_overdue(desk: Desk, memory: Memory, holdings: dict[str, Holding], now: float) -> None:
    """Close what was held too long, unless our clock has gone astray: it would close everything at once.

    Raises CallFailed when the venue's clock cannot be read, OSError.
    """
    held = [(symbol, position) for symbol, position in memory.positions.items() if symbol in holdings]
    overdue = [(symbol, p) for symbol, p in held if now - p.opened_at > desk.settings.max_hold_s]
    if not overdue:
        return
    ahead_s = time.time() - desk.venue.clock().at
    if abs(ahead_s) > CLOCKS_APART_S:
        desk.journal.error(
            "clock_astray", ahead_s=ahead_s, limit_s=CLOCKS_APART_S, kept=[symbol for symbol, _ in overdue]
        )
        return
    for symbol, position in overdue:
        try:
            close(desk, memory, holdings[symbol], position)
        except CallFailed as error:
            desk.journal.error("exit_failed", symbol=symbol, why=str(error))


def withdraw_entries(desk: Desk, memory: Memory, holdings: dict[str, Holding], now: float) -> None:
    """Ask for the cancel of entries that are too old and not filled at all.

    One that has filled in part stays: its legs begin to work only when all of it has. The next cycle sees what became
    of the cancel.
    """
    for intent in memory.intents.working():
        if intent.kind != "entry" or intent.symbol in holdings or intent.venue_order_id is None:
            continue
        if now - intent.at <= desk.settings.entry_max_age_s:
            continue
        try:
            desk.venue.cancel(intent.venue_order_id)
            desk.journal.info("entry_withdrawn", symbol=intent.symbol, client_order_id=intent.client_order_id)
        except CallFailed as error:
            desk.journal.warning("entry_not_withdrawn", symbol=intent.symbol, why=str(error))


def book_closed_trades(desk: Desk, memory: Memory, holdings: dict[str, Holding], now: float) -> None:
    """Take the broker's positions into our book, and learn from those that are gone. Raises OSError.

    The book is saved after each, so that no trade is learned from twice.
    """
    for difference in compare_positions({s: p.qty for s, p in memory.positions.items()}, holdings):
        if difference.is_critical:
            continue
        symbol, position = difference.symbol, memory.positions.get(difference.symbol)
        if position is not None and difference.broker_qty == 0:
            try:
                learn(desk, memory, symbol, position, now)
            except CallFailed as error:
                desk.journal.warning("closed_trade_not_read", symbol=symbol, why=str(error))
                continue  # it stays in the book, and the next cycle asks again
        adopt(memory, holdings, difference, now=now)
        memory.save_positions()


def learn(desk: Desk, memory: Memory, symbol: str, position: Position, now: float) -> None:
    """Three losses in a row raise the threshold, a win releases it. Raises CallFailed, OSError."""
    profit_usd = profit_of(desk, memory, symbol, position)
    healing = memory.self_healing
    if profit_usd is not None and profit_usd < 0:
        healing.consecutive_losses += 1
        if healing.consecutive_losses >= LOSSES_THAT_RAISE:
            healing.raised_at = now
    elif profit_usd is not None:
        healing.consecutive_losses, healing.raised_at = 0, None
    if profit_usd is not None:
        memory.save_self_healing()
    desk.journal.info("position_closed", symbol=symbol, profit_usd=profit_usd, losses=healing.consecutive_losses)


def profit_of(desk: Desk, memory: Memory, symbol: str, position: Position) -> float | None:
    """What a closed position brought, in dollars, by the fills of its legs and of our own exits; None if none filled.

    Raises CallFailed.
    """
    intent = memory.intents.intents.get(position.client_order_id)
    ours = memory.intents.attempts(exit_signal(symbol, position))
    exits = [order for sent in ours if (order := desk.venue.order(sent.client_order_id)) is not None]
    if intent is not None and intent.venue_order_id is not None:
        try:
            exits += desk.venue.order_with_legs(intent.venue_order_id).legs
        except NotFound as error:
            desk.journal.warning("closed_trade_not_read", symbol=symbol, why=str(error))
    sign = 1 if position.qty > 0 else -1
    filled = [(order.filled_qty, order.filled_avg_price) for order in exits if order.filled_avg_price is not None]
    return sum(sign * qty * (price - position.avg_price) for qty, price in filled) if filled else None


def exit_signal(symbol: str, position: Position) -> str:
    """What makes our own exit from this position this one and no other."""
    return f"{symbol}|exit|{round(position.opened_at * 1000)}"


def close(desk: Desk, memory: Memory, holding: Holding, position: Position) -> None:
    """Close a position that was held too long: its legs hold the shares, so they are cancelled first.

    One step a cycle; the next one sees whether the cancels were honoured. Raises CallFailed, OSError.
    """
    signal = exit_signal(holding.symbol, position)
    tried = memory.intents.attempts(signal)
    if any(intent.is_open or intent.is_working for intent in tried):
        return  # our own exit is on its way: after the close it waits for the next session
    held_by = desk.venue.open_orders(holding.symbol)
    if held_by:
        for order in held_by:
            try:
                desk.venue.cancel(order.venue_order_id)
            except Rejected as error:
                # Cancelling one leg cancels its group, so the next may have ended already; the next cycle looks again.
                desk.journal.info("exit_leg_not_cancelled", symbol=holding.symbol, why=str(error))
        desk.journal.info("exit_legs_cancelled", symbol=holding.symbol, orders=len(held_by))
        return
    # What seems never to have arrived may come late: the same id again, or two exits would sell one position.
    order_id = client_order_id(signal, 1 + sum(intent.is_there for intent in tried))
    memory.intents.record_exit(order_id, symbol=holding.symbol, qty=holding.qty, signal=signal)
    try:
        placed = desk.venue.submit_exit(holding.symbol, holding.qty, order_id)
    except (Ambiguous, DuplicateId) as error:
        memory.intents.resolve(order_id, "ambiguous", why=str(error))
        desk.journal.warning("exit_ambiguous", symbol=holding.symbol, why=str(error))
        return
    except CallFailed as error:
        memory.intents.resolve(order_id, "rejected" if isinstance(error, Rejected) else "absent", why=str(error))
        raise
    memory.intents.resolve(order_id, "accepted", venue_order_id=placed.venue_order_id, why=placed.status)
    desk.journal.info("exit_submitted", symbol=holding.symbol, qty=holding.qty, client_order_id=order_id)
