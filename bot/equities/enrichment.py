"""Enrichment: what else the rows say about a cluster, each trait between 0 and 1.

A trait that cannot be computed is left out, and then counts for nothing in the score: a signal is never better for
what we do not know.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.equities.cache import FlowCache, SymbolRows
from bot.equities.clusters import Cluster, Reporter, leaning, read_rows
from bot.equities.rows import FlowAlert, Print, dark_print, flow_alert


def enrich(clusters: Sequence[Cluster], cache: FlowCache, *, window_s: float, report: Reporter) -> list[Cluster]:
    """The same clusters with their `traits`; one that cannot be enriched goes on without."""
    tide = market_tide(clusters)
    enriched = []
    for cluster in clusters:
        symbol = cluster["symbol"]
        try:
            traits = _traits(cluster, cache.symbols[symbol], tide=tide, since=cache.last_update - window_s)
        except (KeyError, ValueError, ArithmeticError) as error:
            report(symbol, f"not enriched: {type(error).__name__}: {error}")
            traits = {}
        enriched.append(Cluster({**cluster, "traits": traits}))
    return enriched


def market_tide(clusters: Sequence[Cluster]) -> float:
    """How the market leans by premium: 1 all bullish, -1 all bearish, 0 with fewer than five clusters."""
    if len(clusters) < 5:
        return 0.0
    total = sum(cluster["premium_usd"] for cluster in clusters)
    signed = sum(c["premium_usd"] * (1 if c["direction"] == "bullish" else -1) for c in clusters)
    return signed / total if total > 0 else 0.0


def _traits(cluster: Cluster, rows: SymbolRows, *, tide: float, since: float) -> dict[str, float]:
    _, alerts, _ = leaning(read_rows(cluster["symbol"], rows.flow, flow_alert, _ignore, since=since))
    prints = read_rows(cluster["symbol"], rows.darkpool, dark_print, _ignore, since=since)
    prints = [dark for dark in prints if not dark.is_canceled]
    way = 1 if cluster["direction"] == "bullish" else -1
    traits = {"tide": max(0.0, tide * way), "darkpool_count": min(1.0, len(prints) / 5)}
    traits.update(_of_alerts(alerts))
    traits.update(_of_prints(prints, way))
    return traits


def _of_alerts(alerts: list[FlowAlert]) -> dict[str, float]:
    if not alerts:
        return {}
    count = len(alerts)
    premium = sum(alert.premium_usd for alert in alerts)
    traits = {
        "flow_persistence": min(1.0, (max(a.at for a in alerts) - min(a.at for a in alerts)) / 600),
        "floor_trades": sum(a.is_floor for a in alerts) / count,
        "single_leg": sum(a.is_single_leg for a in alerts) / count,
        "opening_trades": sum(a.is_opening for a in alerts) / count,
        "ask_side": min(1.0, sum(abs(a.lean_usd) for a in alerts) / premium) if premium > 0 else 0.0,
        "alert_size": min(1.0, premium / count / 500_000),
        "strike_breadth": min(1.0, len({a.strike for a in alerts}) / 4),
        "moneyness": sum(abs(a.strike / a.underlying_price - 1) < 0.1 for a in alerts if a.underlying_price) / count,
    }
    ratios = [a.volume_over_interest for a in alerts if a.volume_over_interest is not None]
    rises = [a.iv_rise for a in alerts if a.iv_rise is not None]
    expiries = [a.days_to_expiry for a in alerts if a.days_to_expiry is not None]
    earnings = [a.days_to_earnings for a in alerts if a.days_to_earnings is not None]
    if ratios:
        traits["volume_over_interest"] = min(1.0, sum(ratios) / len(ratios) / 5)
    if rises:
        traits["iv_rise"] = min(1.0, max(0.0, sum(rises) / len(rises) / 0.05))
    if expiries:
        traits["near_expiry"] = sum(days <= 14 for days in expiries) / len(expiries)
    if earnings:
        traits["earnings_distance"] = min(1.0, max(0, min(earnings)) / 14)
    return traits


def _of_prints(prints: list[Print], way: int) -> dict[str, float]:
    priced = [(p.price - p.mid) * way for p in prints if p.mid is not None]
    return {"darkpool_above_mid": sum(distance >= 0 for distance in priced) / len(priced)} if priced else {}


def _ignore(symbol: str, reason: str) -> None:
    """Clustering has reported these rows already."""
