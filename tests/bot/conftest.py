"""A world for the bot: a simulated venue and provider on loopback, a home of its own, and a session that is open."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine

from bot.equities.clusters import Cluster
from bot.equities.desk import Desk, build_desk
from bot.home import Home
from bot.settings import Settings
from fixtures.alpaca import Alpaca
from fixtures.clock import VirtualClock
from fixtures.exchange import BookedOrder
from fixtures.serving import serve
from fixtures.unusual_whales import UnusualWhales, bullish_sweeps, darkpool_prints

SESSION = datetime(2026, 12, 1, 15, 30, tzinfo=UTC)
"""A Tuesday, an hour after the open in New York."""

KEY, SECRET, TOKEN = "PKTEST", "venue-secret", "provider-secret"


def patience() -> float:
    """How many times longer than alone a thing may take now: runnable processes per core, at least 1."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything around the bot, and the ways to look at what it did."""

    venue: Alpaca
    provider: UnusualWhales
    clock: VirtualClock
    account: str
    venue_url: str
    provider_url: str
    home: Home

    @property
    def environment(self) -> dict[str, str]:
        """The variables that make the bot a part of this world."""
        return {
            "BOT_HOME": str(self.home.root),
            "ALPACA_API_KEY": KEY,
            "ALPACA_SECRET_KEY": SECRET,
            "UW_API_KEY": TOKEN,
            "ALPACA_BASE_URL": self.venue_url,
            "ALPACA_DATA_URL": self.venue_url,
            "UW_BASE_URL": self.provider_url,
        }

    def desk(self) -> Desk:
        """A desk as a fresh process would build it."""
        return build_desk()

    def parents(self) -> list[BookedOrder]:
        """Orders in the venue's ledger, without the legs of brackets."""
        return [order for order in self.venue.book(self.account) if not order.parent_id]

    def decisions(self) -> list[dict[str, Any]]:
        """The decisions log."""
        path = self.home.logs / "decisions.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def blocked(self) -> list[tuple[str, Any, Any]]:
        """Label, value and limit of each refusal, without the reports of background symbols."""
        return [(row["label"], row["value"], row["limit"]) for row in self.decisions() if row["event"] == "blocked"]

    def log(self, name: str) -> list[dict[str, Any]]:
        """Another log of the bot."""
        path = self.home.logs / name
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def write_state(self, name: str, content: dict[str, Any]) -> None:
        """Put a state file there by hand."""
        (self.home.state / name).write_text(json.dumps({"schema": 1, **content}))

    def read_state(self, name: str) -> dict[str, Any]:
        """A state file as it lies on the disk."""
        found: dict[str, Any] = json.loads((self.home.state / name).read_text())
        return found

    def cluster(self, symbol: str = "AAPL", **changes: Any) -> Cluster:
        """A golden cluster, with changes."""
        quote = self.venue.market.quote(symbol)
        golden = {
            "symbol": symbol,
            "direction": "bullish",
            "count": 6,
            "premium_usd": 2_400_000.0,
            "sweep_share": 1.0,
            "newest_at": self.clock.now() - 5,
            "underlying_price": float(quote.last),
            "darkpool_usd": 8_000_000.0,
            "conviction": 1.0,
        }
        return Cluster(**{**golden, **changes})  # type: ignore[typeddict-item]

    @contextmanager
    def golden_flow(self, symbol: str = "AAPL") -> Iterator[None]:
        """Golden rows at the provider while the block lasts."""
        at, price = self.clock.now(), float(self.venue.market.quote(symbol).last)
        with ExitStack() as stack:
            flow = bullish_sweeps(symbol, at=at, underlying_price=price)
            prints = darkpool_prints(symbol, at=at, underlying_price=price)
            stack.enter_context(self.provider.publish(flow))
            stack.enter_context(self.provider.publish(prints, endpoint="darkpool"))
            yield


@contextmanager
def world_at(root: Path, clock: VirtualClock) -> Iterator[World]:
    """Serve a venue and a provider around a home at `root`, which is made."""
    venue, provider = Alpaca(clock), UnusualWhales(clock, token=TOKEN, seed=7)
    venue.settings.rate_limit_per_min = 1_000_000
    account = venue.open_account(key=KEY, secret=SECRET).id
    with serve(venue.app) as venue_served, serve(provider.app) as provider_served:
        yield World(
            venue=venue,
            provider=provider,
            clock=clock,
            account=account,
            venue_url=venue_served.url,
            provider_url=provider_served.url,
            home=Home(root),
        )


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """An open session in this process; the venue and the bot share its clock."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    with time_machine.travel(SESSION, tick=True), world_at(tmp_path / "home", VirtualClock()) as made:
        made.home.root.mkdir()
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        build_desk()  # makes the state
        yield made
