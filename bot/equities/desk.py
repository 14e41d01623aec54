"""The desk: settings, folders, logs and the venue, put together anew for every process and every fork."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.clients.alpaca import Alpaca
from bot.equities.decisions import Decisions
from bot.equities.state import Memory, recall
from bot.home import Home, find_home, prepare
from bot.journal import Journal
from bot.settings import Settings, load_settings

REQUIRED = ("alpaca_api_key", "alpaca_secret_key", "uw_api_key")


@dataclass(slots=True, kw_only=True)
class Desk:
    """Cheap to make: nothing is connected before it is used.

    `unfollowed` says why this cycle could not compare the venue's orders with our intents; no entry goes out then.
    """

    home: Home
    settings: Settings
    journal: Journal
    decisions: Decisions
    unfollowed: str | None = None
    _venue: Alpaca | None = field(default=None, repr=False)

    @property
    def venue(self) -> Alpaca:
        """The venue's client, made at its first use."""
        if self._venue is None:
            self._venue = Alpaca(self.settings)
        return self._venue

    def recall(self) -> Memory:
        """The state as it is on the disk now. Raises StateUnusable, OSError."""
        return recall(self.home, self.journal)

    def report(self, symbol: str, reason: str) -> None:
        """Say why a symbol, or one row of it, gave no signal."""
        self.journal.info("no_signal", symbol=symbol, reason=reason)


def build_desk(home: Home | None = None) -> Desk:
    """Read settings and environment now. Raises SettingsError, OSError."""
    home = find_home() if home is None else home
    settings = load_settings(home.settings_file, require=REQUIRED)
    prepare(home)
    journal = Journal(home.logs / "trading_loop.jsonl")
    return Desk(
        home=home, settings=settings, journal=journal, decisions=Decisions(Journal(home.logs / "decisions.jsonl"))
    )
