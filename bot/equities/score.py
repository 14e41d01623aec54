"""The composite score, third version: 21 components between 0 and 1, each weighted by a band that adapts.

A strong signal scores 3.5 to 4.4, ordinary flow between 1 and 2; the entry threshold stands at 3.
"""

from __future__ import annotations

import math

from bot.equities.clusters import Cluster, Reporter
from bot.equities.state import Band, Weights

COMPONENTS = (
    "flow_premium",
    "flow_count",
    "flow_recency",
    "sweeps",
    "conviction",
    "darkpool_premium",
    "flow_persistence",
    "floor_trades",
    "single_leg",
    "opening_trades",
    "ask_side",
    "volume_over_interest",
    "alert_size",
    "strike_breadth",
    "near_expiry",
    "moneyness",
    "darkpool_count",
    "darkpool_above_mid",
    "tide",
    "iv_rise",
    "earnings_distance",
)
"""The first six come from the cluster itself, the others from enrichment."""


def missing_bands(weights: Weights) -> list[str]:
    """Components for which no weight is known."""
    return [name for name in COMPONENTS if name not in weights.weight_bands]


def composite_score(cluster: Cluster, weights: Weights, *, now: float, report: Reporter) -> float | None:
    """The weighted sum, or None when this cluster cannot be scored: a defect in one signal must not cost the others."""
    try:
        values = {**_of_cluster(cluster, now=now), **cluster.get("traits", {})}
        score = sum(weight(weights.weight_bands[name]) * _unit(values.get(name, 0.0)) for name in COMPONENTS)
    except (KeyError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
        report(cluster["symbol"], f"not scored: {type(error).__name__}: {error}")
        return None
    return score


def weight(band: Band) -> float:
    """What a component counts now: the learned multiplier may not leave its band."""
    return band.base * min(max(band.multiplier, band.low), band.high)


def _of_cluster(cluster: Cluster, *, now: float) -> dict[str, float]:
    age_s = now - cluster["newest_at"]
    return {
        "flow_premium": _between(cluster["premium_usd"], 150_000, 1_500_000),
        "flow_count": min(1.0, (cluster["count"] - 1) / 5),
        "flow_recency": max(0.0, 1 - abs(age_s) / 1_800),
        "sweeps": cluster["sweep_share"],
        "conviction": cluster["conviction"] * abs(cluster["conviction"]),  # mixed flow counts for little
        "darkpool_premium": _between(cluster["darkpool_usd"], 500_000, 5_000_000),
    }


def _between(usd: float, nothing: float, everything: float) -> float:
    """0 up to `nothing`, 1 from `everything` on, logarithmic between: more money counts, but ever less."""
    if usd <= nothing:
        return 0.0 if usd >= 0 else _unit(usd)
    return min(1.0, math.log(usd / nothing) / math.log(everything / nothing))


def _unit(value: float) -> float:
    """The value itself where it is between 0 and 1. Raises ValueError for anything else, NaN included."""
    if not 0 <= value <= 1:
        raise ValueError(f"{value!r} is not between 0 and 1")
    return value
