"""The arithmetic behind the gates, apart from the order in which `decide` asks them. Nothing here reads or writes."""

from __future__ import annotations

import math

from bot.clients.broker import MarketQuote
from bot.equities.state import Freeze, Freezes, Profile, SelfHealing
from bot.settings import Settings


def expired_freezes(freezes: Freezes, *, now: float) -> list[str]:
    """Names of active freezes whose recorded end has come: the bot may clear these, and only these."""
    held = freezes.freezes.items()
    return [name for name, row in held if row.active and row.until is not None and row.until <= now]


def active_freeze(freezes: Freezes, *, now: float) -> tuple[str, Freeze] | None:
    """The first freeze in force, by name."""
    for name, row in sorted(freezes.freezes.items()):
        if row.active and (row.until is None or row.until > now):
            return name, row
    return None


def threshold_is_raised(healing: SelfHealing, *, now: float, reset_s: float) -> bool:
    """True until the raise is `reset_s` old. A raise stamped in the future stays: it is a defect, and not a release."""
    return healing.raised_at is not None and now - healing.raised_at < reset_s


def expectancy_pct(score: float, profile: Profile | None, settings: Settings) -> float:
    """What a trade should bring on average, in percent of its price.

    With 20 closed trades the symbol's own record speaks; before that, a win rate of 40 % at a score of 3 that grows
    with the score, and the distances of the bracket.
    """
    if profile is not None and profile.trades >= 20:
        lost = (1 - profile.win_rate) * abs(profile.average_loss_pct)
        return profile.win_rate * profile.average_win_pct - lost
    win_rate = min(0.6, max(0.2, 0.40 + 0.10 * (score - 3.0)))
    return 100 * (win_rate * settings.take_profit_share - (1 - win_rate) * settings.stop_loss_share)


def quote_fault(quote: MarketQuote, *, max_spread_share: float) -> str | None:
    """Why no price can be taken from this quote, or None."""
    if not (math.isfinite(quote.bid) and math.isfinite(quote.ask)):
        return "not finite"
    if quote.bid <= 0 or quote.ask <= 0:
        return "not above 0"
    if quote.ask < quote.bid:
        return "crossed"
    spread = (quote.ask - quote.bid) / quote.ask
    return f"spread {spread:.4f} of the price" if spread > max_spread_share else None


def budget_usd(
    score: float, threshold: float, *, equity_usd: float, buying_power_usd: float, settings: Settings
) -> float:
    """Dollars for one entry: a share of equity, up to 1.3 times that for a strong score, never more than there is."""
    conviction = min(1.3, max(1.0, score / threshold))
    wanted = equity_usd * settings.position_share * conviction
    return max(0.0, min(wanted, settings.guard_max_notional_usd, buying_power_usd))
