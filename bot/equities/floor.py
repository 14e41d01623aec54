"""The trading floor of one cycle: the account, the book and the clock, as they were when the cycle began.

Orders of this cycle are added as they go out, so that the sixth sees what the first five have used.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.clients.broker import Account, Holding
from bot.equities import gates
from bot.equities.clusters import Cluster
from bot.equities.state import Memory, Position
from bot.orders.guard import Exposure, Limits
from bot.orders.reconcile import Difference
from bot.orders.submit import Submitted
from bot.settings import Settings


@dataclass(slots=True, kw_only=True)
class Floor:
    """`now` is unix seconds, `threshold` what a score must reach, `doubt` an order that may or may not stand.

    `venue_ahead_s` is how far the venue's clock is ahead of ours: quotes are dated by the venue's.
    """

    now: float
    venue_ahead_s: float
    settings: Settings
    memory: Memory
    account: Account
    holdings: dict[str, Holding]
    threshold: float
    doubt: str | None = None
    _pending: dict[str, tuple[float, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Orders that the venue has and that are not filled yet hold money and a place like positions."""
        for intent in self.memory.intents.working():
            if intent.kind == "entry":
                self._pending[intent.symbol] = (intent.qty, intent.notional_usd)

    @property
    def open_positions(self) -> int:
        """Symbols held or about to be."""
        return len(self.holdings.keys() | self._pending.keys())

    @property
    def buying_power_usd(self) -> float:
        """What is left of it after this cycle's orders."""
        return self.account.buying_power_usd - self._spent_usd

    _spent_usd: float = 0.0

    def holds(self, symbol: str) -> float | None:
        """Shares of `symbol` held or on order, or None."""
        if symbol in self.holdings:
            return self.holdings[symbol].qty
        return self._pending[symbol][0] if symbol in self._pending else None

    def budget_usd(self, score: float) -> float:
        """Dollars for an entry with this score."""
        return gates.budget_usd(
            score,
            self.threshold,
            equity_usd=self.account.equity_usd,
            buying_power_usd=self.buying_power_usd,
            settings=self.settings,
        )

    def theme_share(self, theme: str, *, more_usd: float) -> float:
        """The part of equity that a theme would hold with so many dollars more."""
        usd = more_usd + sum(self._held_usd(symbol) for symbol in self.settings.themes[theme])
        return usd / self.account.equity_usd if self.account.equity_usd > 0 else float("inf")

    def exposure(self, symbol: str, reference_price: float) -> Exposure:
        """The account as the guard wants it, for an order in `symbol`."""
        held = self.holdings.get(symbol)
        last_at = self.memory.intents.last_order_at(symbol)
        symbols = self.holdings.keys() | self._pending.keys()
        return Exposure(
            equity_usd=self.account.equity_usd,
            buying_power_usd=self.buying_power_usd,
            exposure_usd=sum(self._held_usd(each) for each in symbols),
            held_qty=held.qty if held else 0.0,
            held_usd=self._held_usd(symbol),
            reference_price=reference_price,
            since_last_order_s=None if last_at is None else self.now - last_at,
        )

    def add(self, order: Submitted) -> None:
        """Count an order that has just gone out."""
        self._pending[order.symbol] = (order.qty, order.qty * order.limit_price)
        self._spent_usd += order.qty * order.limit_price

    def _held_usd(self, symbol: str) -> float:
        """What is held, or what will be when the order of which it is a part has filled."""
        held_usd = abs(self.holdings[symbol].market_value_usd) if symbol in self.holdings else 0.0
        return max(held_usd, self._pending[symbol][1] if symbol in self._pending else 0.0)


def signal_of(cluster: Cluster) -> str:
    """What makes a signal this one and no other: symbol, direction, and the moment of its newest alert."""
    return f"{cluster['symbol']}|{cluster['direction']}|{round(cluster['newest_at'] * 1000)}"


def limits_of(settings: Settings) -> Limits:
    """The guard's limits."""
    return Limits(
        max_shares=settings.guard_max_shares,
        max_notional_usd=settings.guard_max_notional_usd,
        max_exposure_share=settings.guard_max_exposure_share,
        max_concentration_share=settings.guard_max_concentration_share,
        price_band_share=settings.guard_price_band_share,
        cooldown_s=settings.guard_cooldown_s,
    )


def adopt(memory: Memory, holdings: dict[str, Holding], difference: Difference, *, now: float) -> None:
    """Take the broker's word for one symbol into our book (not saved yet)."""
    held = holdings.get(difference.symbol)
    if held is None:
        memory.positions.pop(difference.symbol, None)
        return
    before = memory.positions.get(difference.symbol)
    entries = [i for i in memory.intents.intents.values() if i.symbol == held.symbol and i.kind == "entry"]
    ours = entries[-1].client_order_id if entries else ""
    memory.positions[held.symbol] = Position(
        qty=held.qty,
        avg_price=held.avg_price,
        opened_at=before.opened_at if before else now,
        client_order_id=before.client_order_id if before else ours,
    )
