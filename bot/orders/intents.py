"""The write-ahead log of orders: what we meant to do is on the disk before the first byte leaves.

After a crash at any point, the log says which orders may stand at the venue without our knowing, and under which id to
ask for them. One line per event; the state of an intent is its last event.

    intent -> accepted -> closed        the venue has it, and later it ended (filled, cancelled, expired)
    intent -> rejected                  the venue said no
    intent -> absent                    it certainly never arrived
    intent -> given_up                  the settle window passed and the venue does not know it; it may still come
    intent -> ambiguous -> accepted | given_up
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from bot.durable.lines import append_line, drop_torn_tail, read_lines
from bot.durable.state_file import StateMissing, move_aside
from bot.orders.ticket import Ticket

OPEN = frozenset({"intent", "ambiguous"})
"""Events after which nobody knows whether the order stands."""


NOT_THERE = frozenset({"absent", "given_up"})
"""Events after which the same id may go out again: at worst the venue says that it has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One order that we meant to send, and what became of it. Times in unix seconds, money in dollars."""

    client_order_id: str
    at: float
    symbol: str
    side: str
    qty: float
    notional_usd: float
    signal: str
    kind: str
    event: str
    event_at: float
    venue_order_id: str | None = None

    @property
    def is_open(self) -> bool:
        """It may or may not stand at the venue."""
        return self.event in OPEN

    @property
    def is_there(self) -> bool:
        """The venue has it, had it, or refused it, or may have it."""
        return self.event not in NOT_THERE

    @property
    def is_working(self) -> bool:
        """The venue has it, and it has not ended as far as we know."""
        return self.event == "accepted"


@dataclass(slots=True)
class IntentLog:
    """The log on disk, and the intents it amounts to. Made by `open_log`."""

    path: Path
    intents: dict[str, Intent] = field(default_factory=dict)
    recovered_at: float | None = None

    def record(self, client_order_id: str, ticket: Ticket) -> None:
        """Write an entry intent and wait until the disk has it. Raises OSError, and then nothing may be sent."""
        self._append(
            sync=True,
            event="intent",
            client_order_id=client_order_id,
            kind="entry",
            symbol=ticket.symbol,
            side=ticket.side,
            qty=float(ticket.qty),
            notional_usd=ticket.notional_usd,
            limit_price=str(ticket.limit_price),
            signal=ticket.signal,
        )

    def record_exit(self, client_order_id: str, *, symbol: str, qty: float, signal: str) -> None:
        """The same for an exit at the market."""
        side = "sell" if qty > 0 else "buy"
        self._append(
            sync=True,
            event="intent",
            client_order_id=client_order_id,
            kind="exit",
            symbol=symbol,
            side=side,
            qty=abs(qty),
            notional_usd=0.0,
            signal=signal,
        )

    def resolve(self, client_order_id: str, event: str, *, venue_order_id: str | None = None, why: str = "") -> None:
        """Write what became of an intent. Raises OSError.

        Not fsynced: a line lost with the power leaves the intent open, and the next start asks the venue again.
        """
        self._append(sync=False, event=event, client_order_id=client_order_id, venue_order_id=venue_order_id, why=why)

    def attempts(self, signal: str) -> list[Intent]:
        """Everything that was tried for one signal, oldest first."""
        return [intent for intent in self.intents.values() if intent.signal == signal]

    def unresolved(self) -> list[Intent]:
        """Intents that may stand at the venue without our knowing."""
        return [intent for intent in self.intents.values() if intent.is_open]

    def working(self) -> list[Intent]:
        """Orders that the venue has and that have not ended."""
        return [intent for intent in self.intents.values() if intent.is_working]

    def last_order_at(self, symbol: str) -> float | None:
        """When the newest entry for `symbol` was meant, unless it certainly never stood."""
        ours = [intent for intent in self.intents.values() if intent.symbol == symbol]
        return max((intent.at for intent in ours if intent.is_there and intent.event != "rejected"), default=None)

    def given_up(self, symbol: str, *, since: float, but: str) -> Intent | None:
        """An order for `symbol` that was given up after `since` and may still come, from any signal `but` one."""
        ours = [i for i in self.intents.values() if i.symbol == symbol and i.event == "given_up" and i.signal != but]
        return next((intent for intent in ours if intent.event_at > since), None)

    def _append(self, *, sync: bool, **row: Any) -> None:
        row = {"at": time.time(), **row}
        append_line(self.path, row, sync=sync, create=False)
        self.apply(row)

    def apply(self, row: dict[str, Any]) -> None:
        """Take one event into account. Raises KeyError, TypeError or ValueError for a row that is none of ours."""
        event, at = str(row["event"]), float(row["at"])
        if event == "recovered":
            self.recovered_at = at
            return
        known = str(row["client_order_id"])
        if event == "intent":
            self.intents[known] = Intent(
                client_order_id=known,
                at=at,
                symbol=str(row["symbol"]),
                side=str(row["side"]),
                qty=float(row["qty"]),
                notional_usd=float(row["notional_usd"]),
                signal=str(row["signal"]),
                kind=str(row["kind"]),
                event=event,
                event_at=at,
            )
            return
        intent = self.intents[known]
        venue_order_id = row.get("venue_order_id") or intent.venue_order_id
        self.intents[known] = replace(intent, event=event, event_at=at, venue_order_id=venue_order_id)


def open_log(path: Path) -> IntentLog:
    """Read the log; cut a line that a crash tore; move a damaged log aside and keep what can still be read.

    Raises StateMissing when the file is gone, OSError otherwise.
    """
    try:
        lines = read_lines(path)
    except FileNotFoundError:
        raise StateMissing(
            path, f"{path} is missing, so nobody knows which orders may stand; restore it, or start with an empty file"
        ) from None
    if lines.torn_at is not None:
        drop_torn_tail(path, lines.torn_at)
    log = IntentLog(path)
    kept: list[dict[str, Any]] = []
    for row in lines.objects:
        try:
            log.apply(row)
        except (KeyError, TypeError, ValueError):
            continue  # counted below: fewer kept than read means a damaged log
        kept.append(row)
    if lines.unreadable or len(kept) < len(lines.objects):
        kept.append({"at": time.time(), "event": "recovered"})
        move_aside(path, replacement=b"".join(msgspec.json.encode(row) + b"\n" for row in kept))
        log.recovered_at = float(kept[-1]["at"])
    return log
