"""What happens to positions after the entry: orders that ended, trades that closed, positions held too long.

Profit and loss are taken by the bracket's legs at the venue, also while this bot is down. Here the bot only learns
from it, and closes what no leg has closed in time.
"""

from __future__ import annotations

import time

from bot.clients.broker import Holding
from bot.clients.errors import Ambiguous, CallFailed, Rejected
from bot.equities.desk import Desk
from bot.equities.floor import adopt
from bot.equities.state import Memory, Position
from bot.orders.reconcile import compare_positions, follow_orders, settle_intents
from bot.orders.ticket import client_order_id

LOSSES_THAT_RAISE = 3


def manage_exits(desk: Desk) -> None:
    """Follow orders, book closed trades, close old positions.

    Raises CallFailed when the venue cannot be asked, StateUnusable and OSError when our own books fail.
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
    book_closed_trades(desk, memory, holdings, now)
    for symbol, position in memory.positions.items():
        if symbol in holdings and now - position.opened_at > desk.settings.max_hold_s:
            close(desk, memory, holdings[symbol], position)


def book_closed_trades(desk: Desk, memory: Memory, holdings: dict[str, Holding], now: float) -> None:
    """Take the broker's positions into our book, and learn from those that are gone. Raises CallFailed, OSError."""
    differences = compare_positions({s: p.qty for s, p in memory.positions.items()}, holdings)
    adopted = [difference for difference in differences if not difference.is_critical]
    for difference in adopted:
        position = memory.positions.get(difference.symbol)
        if position is not None and difference.broker_qty == 0:
            learn(desk, memory, difference.symbol, position, now)
        adopt(memory, holdings, difference, now=now)
    if adopted:
        memory.save_positions()


def learn(desk: Desk, memory: Memory, symbol: str, position: Position, now: float) -> None:
    """Three losses in a row raise the threshold, a win releases it. Raises CallFailed, OSError."""
    intent = memory.intents.intents.get(position.client_order_id)
    if intent is None or intent.venue_order_id is None:
        desk.journal.info("position_closed", symbol=symbol, profit_usd=None)
        return
    order = desk.venue.order_with_legs(intent.venue_order_id)
    exits = [leg for leg in order.legs if leg.filled_avg_price is not None and leg.filled_qty > 0]
    if not exits:
        desk.journal.info("position_closed", symbol=symbol, profit_usd=None)
        return
    sign = 1 if position.qty > 0 else -1
    profit_usd = sum(sign * leg.filled_qty * ((leg.filled_avg_price or 0.0) - position.avg_price) for leg in exits)
    healing = memory.self_healing
    if profit_usd < 0:
        healing.consecutive_losses += 1
        if healing.consecutive_losses >= LOSSES_THAT_RAISE:
            healing.raised_at = now
    else:
        healing.consecutive_losses, healing.raised_at = 0, None
    memory.save_self_healing()
    desk.journal.info("position_closed", symbol=symbol, profit_usd=profit_usd, losses=healing.consecutive_losses)


def close(desk: Desk, memory: Memory, holding: Holding, position: Position) -> None:
    """Close a position that was held too long: its legs hold the shares, so they are cancelled first.

    One step a cycle; the next one sees whether the cancels were honoured. Raises CallFailed, OSError.
    """
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
    signal = f"{holding.symbol}|exit|{round(position.opened_at * 1000)}"
    tried = memory.intents.attempts(signal)
    if any(intent.is_open or intent.is_working for intent in tried):
        return
    order_id = client_order_id(signal, 1 + len(tried))
    memory.intents.record_exit(order_id, symbol=holding.symbol, qty=holding.qty, signal=signal)
    try:
        placed = desk.venue.submit_exit(holding.symbol, holding.qty, order_id)
    except Ambiguous as error:
        memory.intents.resolve(order_id, "ambiguous", why=str(error))
        desk.journal.warning("exit_ambiguous", symbol=holding.symbol, why=str(error))
        return
    except CallFailed as error:
        memory.intents.resolve(order_id, "rejected" if isinstance(error, Rejected) else "absent", why=str(error))
        raise
    memory.intents.resolve(order_id, "accepted", venue_order_id=placed.venue_order_id, why=placed.status)
    desk.journal.info("exit_submitted", symbol=holding.symbol, qty=holding.qty, client_order_id=order_id)
