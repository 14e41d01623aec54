"""Clusters: several alerts on one symbol that lean the same way within one window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, NotRequired, TypedDict, TypeVar

from bot.equities.cache import FlowCache
from bot.equities.rows import FlowAlert, Print, RowBroken, dark_print, flow_alert

Direction = Literal["bullish", "bearish"]
T = TypeVar("T", FlowAlert, Print)


class Cluster(TypedDict):
    """One signal, as plain data. Dollars, shares of 1, and unix seconds for `newest_at`.

    `sweep_share` is the part of the premium that came in sweeps, `conviction` how one-sided the premium is: 1 when all
    of it leans the same way. `traits` are added by enrichment.
    """

    symbol: str
    direction: Direction
    count: int
    premium_usd: float
    sweep_share: float
    newest_at: float
    underlying_price: float
    darkpool_usd: float
    conviction: float
    traits: NotRequired[dict[str, float]]


Reporter = Callable[[str, str], None]
"""Called with a symbol and the reason why it, or one row of it, gave no signal."""


def cluster_signals(
    cache: FlowCache, *, window_s: float, min_alerts: int, min_premium_usd: float, report: Reporter
) -> list[Cluster]:
    """One cluster per symbol at most, the largest premium first.

    The window ends at the cache's own update, not at the wall clock: its age was judged before.
    """
    since = cache.last_update - window_s
    found = []
    for symbol, rows in cache.symbols.items():
        alerts = read_rows(symbol, rows.flow, flow_alert, report, since=since)
        cluster = _cluster(symbol, alerts, min_alerts=min_alerts, min_premium_usd=min_premium_usd, report=report)
        if cluster is not None:
            prints = read_rows(symbol, rows.darkpool, dark_print, report, since=since)
            cluster["darkpool_usd"] = sum(dark.premium_usd for dark in prints if not dark.is_canceled)
            found.append(cluster)
    return sorted(found, key=lambda cluster: (-cluster["premium_usd"], cluster["symbol"]))


def read_rows(
    symbol: str, rows: Sequence[dict[str, Any]], read: Callable[[dict[str, Any]], T], report: Reporter, *, since: float
) -> list[T]:
    """The rows from `since` on that keep the contract, each once; what breaks it is reported and left out."""
    good: list[T] = []
    seen: set[str] = set()
    for row in rows:
        name = str(row.get("id") or row.get("tracking_id") or "?")
        try:
            one = read(row)
        except RowBroken as error:
            report(symbol, f"row {name}: {error}")
            continue
        if name in seen:
            report(symbol, f"row {name}: came twice")
        elif one.at >= since:
            good.append(one)
        if name != "?":
            seen.add(name)
    return good


def leaning(alerts: Sequence[FlowAlert]) -> tuple[Direction, list[FlowAlert], float]:
    """The direction of most premium, the alerts that lean that way, and how one-sided the whole is (0 to 1)."""
    up = sum(alert.lean_usd for alert in alerts if alert.lean_usd > 0)
    down = -sum(alert.lean_usd for alert in alerts if alert.lean_usd < 0)
    direction: Direction = "bullish" if up >= down else "bearish"
    sign = 1 if direction == "bullish" else -1
    total = up + down
    return direction, [a for a in alerts if a.lean_usd * sign > 0], abs(up - down) / total if total > 0 else 0.0


def _cluster(
    symbol: str, alerts: list[FlowAlert], *, min_alerts: int, min_premium_usd: float, report: Reporter
) -> Cluster | None:
    direction, same_way, conviction = leaning(alerts)
    if len(same_way) < min_alerts:
        report(symbol, f"{len(same_way)} alerts lean {direction} in the window, {min_alerts} make a cluster")
        return None
    premium_usd = sum(alert.premium_usd for alert in same_way)
    if premium_usd < min_premium_usd:
        report(symbol, f"{premium_usd:.0f} USD of premium, {min_premium_usd:.0f} make a cluster")
        return None
    newest = max(same_way, key=lambda alert: alert.at)
    return Cluster(
        symbol=symbol,
        direction=direction,
        count=len(same_way),
        premium_usd=premium_usd,
        sweep_share=sum(alert.premium_usd for alert in same_way if alert.is_sweep) / premium_usd,
        newest_at=newest.at,
        underlying_price=newest.underlying_price,
        darkpool_usd=0.0,
        conviction=conviction,
    )
