"""The market's regime, from the flow itself: which way the premium of all clusters leans."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from bot.equities.clusters import Cluster
from bot.equities.enrichment import market_tide

Regime = Literal["RISK_ON", "NEUTRAL", "RISK_OFF"]


def detect_regime(clusters: Sequence[Cluster]) -> Regime:
    """RISK_ON or RISK_OFF when 60 % more premium leans one way; NEUTRAL otherwise, and when it cannot be told."""
    try:
        tide = market_tide(clusters)
    except (KeyError, TypeError, ArithmeticError):
        return "NEUTRAL"  # a broken cluster is refused by its own gate; the regime must not stop the others
    if tide >= 0.6:
        return "RISK_ON"
    if tide <= -0.6:
        return "RISK_OFF"
    return "NEUTRAL"
