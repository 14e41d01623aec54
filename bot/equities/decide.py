"""From signals to orders: every gate in the order in which it is asked, and every refusal with its number.

Read `decide_and_execute` first. What stops everything stands in `open_floor`, what stops one signal in the loop and in
the three stages that it calls. Each exit writes one line to `logs/decisions.jsonl`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace

from bot.clients import deadline
from bot.clients.errors import CallFailed, Rejected
from bot.durable.state_file import StateUnusable
from bot.equities import gates
from bot.equities.cache import FUTURE_TOLERANCE_S
from bot.equities.clusters import Cluster
from bot.equities.desk import Desk, build_desk
from bot.equities.floor import Floor, adopt, limits_of, signal_of
from bot.equities.regime import Regime, detect_regime
from bot.equities.score import COMPONENTS, composite_score, missing_bands
from bot.equities.state import Memory
from bot.equities.upkeep import lift_expired, start_cooldown
from bot.orders.guard import review
from bot.orders.reconcile import compare_positions, settle_intents
from bot.orders.submit import Submitted, Unresolved, submit
from bot.orders.ticket import Ticket, bracket


def decide_and_execute(clusters: Sequence[Cluster], *, desk: Desk | None = None) -> list[Submitted]:
    """Turn the clusters that deserve it into orders, and return the orders that stand.

    Never raises for what a venue, a file or a signal does wrong: each of these is a refusal in the decisions log.
    Raises SettingsError when the desk cannot be built.
    """
    desk = build_desk() if desk is None else desk
    settings, decisions = desk.settings, desk.decisions
    floor = open_floor(desk)
    if floor is None:
        return []
    regime = detect_regime(clusters)
    submitted: list[Submitted] = []
    for cluster in clusters:
        symbol = cluster["symbol"]
        score = composite_score(cluster, floor.memory.weights, now=floor.now, report=desk.report)
        if score is None or not math.isfinite(score):
            decisions.blocked("score_unusable", symbol=symbol, value=score, limit="a finite number")
            continue
        if score < floor.threshold and score >= settings.entry_threshold:
            decisions.blocked("threshold_raised", symbol=symbol, value=score, limit=floor.threshold)
            continue
        if score < floor.threshold:
            decisions.blocked("score_below_threshold", symbol=symbol, value=score, limit=floor.threshold)
            continue
        if floor.open_positions >= settings.max_positions:
            decisions.blocked("max_positions", symbol=symbol, value=floor.open_positions, limit=settings.max_positions)
            continue
        if len(submitted) >= settings.max_new_positions_per_cycle:
            limit = settings.max_new_positions_per_cycle
            decisions.blocked("max_new_positions_per_cycle", symbol=symbol, value=len(submitted), limit=limit)
            continue
        if not is_worth_it(desk, floor, cluster, score, regime):
            continue
        if not is_free(desk, floor, cluster):
            continue
        ticket = price_and_size(desk, floor, cluster, score)
        if ticket is None:
            continue
        order = send(desk, floor, ticket)
        if order is None:
            continue
        submitted.append(order)
        floor.add(order)
        start_cooldown(desk, floor.memory, order.symbol, floor.now)
        decisions.submitted(order, score=score)
    return submitted


def open_floor(desk: Desk) -> Floor | None:
    """Everything that stops the whole desk; None when something does."""
    decisions, settings, now = desk.decisions, desk.settings, time.time()
    try:
        memory = desk.recall()
    except StateUnusable as error:
        decisions.blocked(error.label, value=str(error), limit="readable state files")
        return None
    except OSError as error:
        decisions.blocked("state_unusable", value=str(error), limit="readable state files")
        return None
    if is_stopped(desk, memory, now):
        return None
    raised = gates.threshold_is_raised(memory.self_healing, now=now, reset_s=settings.self_healing_reset_s)
    threshold = settings.entry_threshold + (settings.self_healing_raise if raised else 0.0)
    try:
        clock = desk.venue.clock()
        if not clock.is_open:
            decisions.blocked("market_closed", value="closed", limit="open")
            return None
        account = desk.venue.account()
        if account.blocked_by is not None:
            decisions.blocked("account_blocked", value=account.blocked_by, limit="ACTIVE", way_out="ask the broker")
            return None
        floor = Floor(
            now=now,
            settings=settings,
            venue_ahead_s=clock.at - time.time(),
            memory=memory,
            account=account,
            holdings=desk.venue.positions(),
            threshold=threshold,
        )
        return floor if is_reconciled(desk, floor) else None
    except CallFailed as error:
        decisions.blocked(error.label, value=str(error), limit=f"an answer within {settings.venue_deadline_s:g} s")
    except OSError as error:
        decisions.blocked("state_not_written", value=str(error), limit="writable state files")
    return None


def is_stopped(desk: Desk, memory: Memory, now: float) -> bool:
    """Protections that somebody or something has set on purpose."""
    decisions = desk.decisions
    if memory.kill_switch.active:
        decisions.blocked("kill_switch", value=memory.kill_switch.reason or "active", limit="released by a person")
        return True
    lift_expired(desk, memory, now)
    frozen = gates.active_freeze(memory.freezes, now=now)
    if frozen is not None:
        name, freeze = frozen
        until = freeze.until if freeze.until is not None else "lifted by a person"
        decisions.blocked("freeze_active", value=name, limit=until, way_out=freeze.reason)
        return True
    flag = desk.home.state / "pre_market_freeze.flag"
    if flag.exists():
        decisions.blocked("pre_market_freeze", value=str(flag), limit="no such file")
        return True
    bands, missing = len(memory.weights.weight_bands), missing_bands(memory.weights)
    if bands != len(COMPONENTS) or missing:
        way_out = f"add {', '.join(missing)}" if missing else "remove the bands of unknown components"
        decisions.blocked("weights_not_initialised", value=bands, limit=len(COMPONENTS), way_out=way_out)
        return True
    return False


def is_reconciled(desk: Desk, floor: Floor) -> bool:
    """Our books against the venue's: open intents first, then positions. Raises OSError when a book cannot be saved."""
    memory, now, settle_s = floor.memory, floor.now, desk.settings.settle_window_s
    doubt = settle_intents(memory.intents, desk.venue, now=now, settle_s=settle_s, journal=desk.journal)
    if doubt is not None:
        desk.decisions.blocked("intent_unresolved", value=doubt.age_s, limit=doubt.settle_s, way_out=doubt.why)
        return False
    local = {symbol: position.qty for symbol, position in memory.positions.items()}
    differences = compare_positions(local, floor.holdings)
    for difference in differences:
        if difference.is_critical:
            symbol, here, there = difference.symbol, difference.local_qty, difference.broker_qty
            desk.decisions.blocked("reconciliation", value=f"{symbol} {there:g}", limit=f"{symbol} {here:g}")
            return False
        adopt(memory, floor.holdings, difference, now=now)
        desk.journal.warning(
            "position_adopted", symbol=difference.symbol, local=difference.local_qty, broker=difference.broker_qty
        )
    if differences:
        memory.save_positions()
    if desk.unfollowed is not None:
        desk.decisions.blocked("reconciliation", value=desk.unfollowed, limit="our orders compared with our intents")
    return desk.unfollowed is None


def is_worth_it(desk: Desk, floor: Floor, cluster: Cluster, score: float, regime: Regime) -> bool:
    """Gates on the quality of the trade: expectancy, regime, theme."""
    decisions, settings, symbol = desk.decisions, desk.settings, cluster["symbol"]
    profile = floor.memory.profiles.get(symbol)
    expectancy_pct = gates.expectancy_pct(score, profile, settings)
    if not expectancy_pct >= settings.min_expectancy_pct:
        decisions.blocked("expectancy_low", symbol=symbol, value=expectancy_pct, limit=settings.min_expectancy_pct)
        return False
    if profile is not None and profile.regimes.get(regime) == "poor":
        decisions.blocked("regime_mismatch", symbol=symbol, value=f"poor in {regime}", limit="fair or good")
        return False
    theme = settings.theme_of(symbol)
    limit = settings.theme_limit_share
    share = 0.0 if theme is None else floor.theme_share(theme, more_usd=floor.budget_usd(score))
    if share > limit:
        decisions.blocked("theme_limit", symbol=symbol, value=share, limit=limit, way_out=theme or "")
        return False
    return True


def is_free(desk: Desk, floor: Floor, cluster: Cluster) -> bool:
    """Gates on the symbol: direction, cooldown, what is held, and whether this very signal was used before."""
    decisions, settings, symbol = desk.decisions, desk.settings, cluster["symbol"]
    if cluster["direction"] != "bullish" and not settings.allow_short:
        decisions.blocked("direction_not_traded", symbol=symbol, value=cluster["direction"], limit="bullish")
        return False
    waited_s = floor.now - floor.memory.traded_at(symbol)
    if waited_s < settings.symbol_cooldown_s:
        way_out = "the stamp lies in the future: a defect" if waited_s < -1 else ""
        limit_s = settings.symbol_cooldown_s
        decisions.blocked("symbol_cooldown", symbol=symbol, value=waited_s, limit=limit_s, way_out=way_out)
        return False
    held = floor.holds(symbol)
    if held is not None:
        decisions.blocked("already_held", symbol=symbol, value=held, limit=0)
        return False
    signal, since = signal_of(cluster), floor.now - settings.symbol_cooldown_s
    late = floor.memory.intents.given_up(symbol, since=since, but=signal)
    if late is not None:  # under its own id it could go out again; under another, both would stand
        decisions.blocked("intent_unresolved", symbol=symbol, value=late.client_order_id, limit="none to come")
        return False
    tried = [intent for intent in floor.memory.intents.attempts(signal) if intent.is_there]
    if len(tried) > 1 or any(intent.event != "rejected" for intent in tried):
        decisions.blocked("signal_already_used", symbol=symbol, value=tried[-1].client_order_id, limit="a newer signal")
        return False
    return True


def price_and_size(desk: Desk, floor: Floor, cluster: Cluster, score: float) -> Ticket | None:
    """A ticket at the ask (or bid, when selling short) that the guard lets through, or None."""
    decisions, settings, symbol = desk.decisions, desk.settings, cluster["symbol"]
    try:
        quote = desk.venue.quote(symbol)
    except CallFailed as error:
        decisions.blocked("no_quote", symbol=symbol, value=str(error), limit="a quote")
        return None
    fault = gates.quote_fault(quote, max_spread_share=settings.max_spread_share)
    if fault is not None:
        decisions.blocked("price_unusable", symbol=symbol, value=fault, limit=settings.max_spread_share)
        return None
    age_s = time.time() + floor.venue_ahead_s - quote.at
    if not -FUTURE_TOLERANCE_S <= age_s <= settings.quote_max_age_s:
        decisions.blocked("quote_stale", symbol=symbol, value=age_s, limit=settings.quote_max_age_s)
        return None
    buys = cluster["direction"] == "bullish"
    price = quote.ask if buys else quote.bid
    budget_usd = floor.budget_usd(score)
    qty = math.floor(budget_usd / price)
    if qty < 1 or qty * price < settings.min_order_usd:
        limit_usd = max(price, settings.min_order_usd)
        decisions.blocked("below_minimum_order", symbol=symbol, value=budget_usd, limit=limit_usd)
        return None
    ticket = bracket(
        symbol,
        "buy" if buys else "sell",
        qty,
        price,
        signal=signal_of(cluster),
        profit_share=settings.take_profit_share,
        loss_share=settings.stop_loss_share,
    )
    refusal = review(ticket, floor.exposure(symbol, cluster["underlying_price"]), limits_of(settings))
    if refusal is not None:
        label, value, limit = f"guard_{refusal.rule}", refusal.value, refusal.limit
        decisions.blocked(label, symbol=symbol, value=value, limit=limit, way_out=refusal.way_out)
        return None
    return ticket


def send(desk: Desk, floor: Floor, ticket: Ticket) -> Submitted | None:
    """Send the ticket once; after a refusal for too little buying power, once more for what there is."""
    decisions, settings, symbol = desk.decisions, desk.settings, ticket.symbol
    if floor.doubt is not None:
        decisions.blocked("intent_unresolved", symbol=symbol, value=floor.doubt, limit="every order accounted for")
        return None
    left_s = deadline.remaining_s()
    if left_s < settings.venue_deadline_s:
        decisions.blocked("cycle_deadline", symbol=symbol, value=left_s, limit=settings.venue_deadline_s)
        return None
    attempt = 1 + len([i for i in floor.memory.intents.attempts(ticket.signal) if i.event == "rejected"])
    try:
        return submit(ticket, venue=desk.venue, log=floor.memory.intents, attempt=attempt)
    except Rejected as error:
        smaller = reduced_to(ticket, error.extra.get("buying_power"), settings.min_order_usd)
        if smaller is not None and attempt == 1:
            return send(desk, floor, smaller)
        decisions.blocked("rejected_by_venue", symbol=symbol, value=str(error), limit="accepted")
    except Unresolved as error:
        floor.doubt = str(error)
        decisions.blocked("submit_ambiguous", symbol=symbol, value=str(error), limit="a clear answer")
    except CallFailed as error:
        limit = f"an answer within {settings.venue_deadline_s:g} s"
        decisions.blocked(error.label, symbol=symbol, value=str(error), limit=limit)
    except OSError as error:
        floor.doubt = f"the intent log cannot be written: {error}"
        decisions.blocked("intent_not_written", symbol=symbol, value=str(error), limit="a writable intent log")
    return None


def reduced_to(ticket: Ticket, buying_power: object, min_order_usd: float) -> Ticket | None:
    """The same ticket for the buying power that the venue named in its refusal, or None where that is no order."""
    try:
        usd = float(str(buying_power))
    except ValueError:
        return None  # the refusal was about something else
    qty = math.floor(usd / float(ticket.limit_price)) if math.isfinite(usd) else 0
    usable = 0 < qty < ticket.qty and qty * float(ticket.limit_price) >= min_order_usd
    return replace(ticket, qty=qty) if usable else None
