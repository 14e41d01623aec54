"""The flow daemon: asks the provider at a steady pace and keeps the cache fresh.

What it does when the provider is unwell: on 429 it halves its rate and waits as long as it was told; on 5xx and broken
connections it backs off with jitter; on 401 and 403 it says so and keeps asking slowly, because a key may be mended
while it runs. In none of these cases does it touch the cache, so the cache ages and the loop stops trading on it.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field

from bot.clients.errors import AuthRefused, CallFailed, ContractBroken, RateLimited
from bot.clients.pacing import Pacer
from bot.clients.unusual_whales import DARKPOOL_RECENT, FLOW_ALERTS, Row, UnusualWhales
from bot.equities.cache import SymbolRows, save_cache
from bot.equities.rows import RowBroken, dark_print, flow_alert
from bot.heartbeat import beat
from bot.home import Home, find_home, prepare
from bot.journal import Journal
from bot.settings import Settings, load_settings
from bot.stopping import Stop, only_one

WAIT_MAX_S = 300.0
WAIT_POLLS_MAX = 10
"""A daemon that polls faster than every 30 s comes back sooner: after so many of its own intervals."""
REQUESTS_A_POLL = 2
MOST_OF = 0.5
"""When more than this part of the rows is malformed, the provider has changed and nothing of it is believed."""


@dataclass(slots=True, kw_only=True)
class FlowDaemon:
    """One provider, one cache. `failures` counts polls that failed in a row."""

    home: Home
    settings: Settings
    journal: Journal
    provider: UnusualWhales
    pacer: Pacer
    polls: int = 0
    failures: int = 0
    last_poll_at: float | None = None
    random: random.Random = field(default_factory=random.Random)

    def poll(self) -> float:
        """Fetch once and write the cache. Returns the seconds to wait before the next poll. Raises nothing foreseen."""
        try:
            flow = self._checked(self.provider.flow_alerts(), FLOW_ALERTS)
            darkpool = self._darkpool()
            symbols = _by_symbol(flow, darkpool)
            save_cache(self.home.flow_cache, symbols, polls=self.polls + 1, now=time.time())
        except CallFailed as error:
            return self._after(error)
        except OSError as error:
            self.failures += 1
            self.journal.error("cache_not_written", file=str(self.home.flow_cache), why=str(error))
            return self._backoff_s()
        self.polls, self.failures, self.last_poll_at = self.polls + 1, 0, time.time()
        self.pacer.speed_up()
        self.journal.info(
            "polled",
            status=200,
            rows=len(flow),
            prints=len(darkpool),
            symbols=len(symbols),
            polls=self.polls,
            per_minute=self.pacer.per_minute,
        )
        return self.settings.uw_poll_interval_s

    def beat(self) -> None:
        """Write the heartbeat; a full disk must not end the daemon, and shows as a heartbeat that grows old."""
        try:
            path = self.home.state / "heartbeat_uw_daemon.json"
            beat(path, cycles=self.polls, last_cycle_at=self.last_poll_at)
        except OSError as error:
            self.journal.error("heartbeat_not_written", why=str(error))

    def _darkpool(self) -> list[Row]:
        """Prints make a good signal better, but none: without them the flow still goes out."""
        try:
            return self._checked(self.provider.darkpool_recent(), DARKPOOL_RECENT)
        except (AuthRefused, RateLimited):
            raise
        except CallFailed as error:
            self.journal.warning("darkpool_missing", status=error.status, why=str(error))
            return []

    def _checked(self, rows: list[Row], endpoint: str) -> list[Row]:
        """The rows that keep the contract. Raises ContractBroken when most do not."""
        read = flow_alert if endpoint == FLOW_ALERTS else dark_print
        good, faults = [], []
        for row in rows:
            try:
                read(row)
            except RowBroken as error:
                faults.append(str(error))
                continue
            good.append(row)
        if faults:
            self.journal.warning("rows_quarantined", endpoint=endpoint, rows=len(faults), why=faults[0])
        if len(faults) > MOST_OF * len(rows):
            sentence = f"{endpoint}: {len(faults)} of {len(rows)} rows are malformed, the first one: {faults[0]}"
            raise ContractBroken(sentence, call=endpoint, status=200)
        return good

    def _after(self, error: CallFailed) -> float:
        """Log a failure under its own name, and say how long to leave the provider alone."""
        self.failures += 1
        if isinstance(error, RateLimited):
            self.pacer.slow_down()
            wait_s = max(error.retry_after_s or 0.0, self._backoff_s())
            self._log("rate_limited", error, wait_s)
        elif isinstance(error, AuthRefused):
            wait_s = longest_wait_s(self.settings)
            self._log("auth_refused", error, wait_s)
        elif isinstance(error, ContractBroken):
            wait_s = self._backoff_s()
            self._log("contract_broken", error, wait_s)
        else:
            wait_s = self._backoff_s()
            self._log("provider_unreachable", error, wait_s)
        return wait_s

    def _log(self, event: str, error: CallFailed, wait_s: float) -> None:
        self.journal.error(
            event,
            status=error.status,
            endpoint=error.call,
            why=str(error),
            failures=self.failures,
            wait_s=wait_s,
            per_minute=self.pacer.per_minute,
        )

    def _backoff_s(self) -> float:
        """Twice as long after each failure in a row, up to the longest wait, and never in step with others."""
        ceiling = min(longest_wait_s(self.settings), self.settings.uw_poll_interval_s * 2.0 ** min(self.failures, 16))
        return self.random.uniform(ceiling / 2, ceiling)


def longest_wait_s(settings: Settings) -> float:
    """Ten intervals, and never more than five minutes: so long may the daemon leave the provider alone unasked."""
    return min(WAIT_MAX_S, WAIT_POLLS_MAX * settings.uw_poll_interval_s)


def slowest_per_minute(settings: Settings) -> int:
    """The rate at which the longest wait alone asks; halving the rate further would only delay the way back."""
    return max(1, round(REQUESTS_A_POLL * 60 / longest_wait_s(settings)))


def build_daemon(home: Home | None = None) -> FlowDaemon:
    """Read settings and environment now. Raises SettingsError, OSError."""
    home = find_home() if home is None else home
    settings = load_settings(home.settings_file, require=("uw_api_key",))
    prepare(home)
    provider = UnusualWhales(
        settings.uw_base_url,
        settings.uw_api_key.get_secret_value(),
        connect_s=settings.venue_connect_s,
        read_s=settings.venue_read_s,
        total_s=settings.uw_deadline_s,
    )
    journal = Journal(home.logs / "uw_daemon.jsonl")
    pacer = Pacer(settings.uw_requests_per_minute, per_minute_min=slowest_per_minute(settings))
    return FlowDaemon(home=home, settings=settings, journal=journal, provider=provider, pacer=pacer)


def feed() -> None:
    """Fetch once, now: the feed of `python -m bot once`, and of whoever wants a fresh cache without a daemon."""
    daemon = build_daemon()
    daemon.poll()
    daemon.provider.close()


def run(stop: Stop) -> None:
    """Poll until `stop`. Raises SettingsError, AlreadyRunning."""
    daemon = build_daemon()
    with only_one(daemon.home.state / "uw_daemon.lock"):
        daemon.journal.info("started", per_minute=daemon.pacer.per_minute)
        while not stop.is_set():
            daemon.beat()
            _take_tokens(daemon, stop, REQUESTS_A_POLL)
            if stop.is_set():
                break
            next_at = time.monotonic() + daemon.poll()
            while not stop.is_set() and (left_s := next_at - time.monotonic()) > 0:
                daemon.beat()
                stop.wait(min(left_s, daemon.settings.heartbeat_interval_s))
        daemon.journal.info("stopped", polls=daemon.polls)


def _take_tokens(daemon: FlowDaemon, stop: Stop, requests: int) -> None:
    """Wait for the tokens of one poll, heart still beating."""
    while requests and not stop.is_set():
        wait_s = daemon.pacer.wait_s()
        if wait_s == 0.0:
            requests -= 1
            continue
        daemon.beat()
        stop.wait(min(wait_s, daemon.settings.heartbeat_interval_s))


def _by_symbol(flow: list[Row], darkpool: list[Row]) -> dict[str, SymbolRows]:
    """Rows under their symbol, in the provider's order; only symbols with flow can give a signal."""
    symbols: dict[str, SymbolRows] = {}
    for row in flow:
        symbols.setdefault(row["ticker"].strip().upper(), SymbolRows()).flow.append(row)
    for row in darkpool:
        symbol = row["ticker"].strip().upper()
        if symbol in symbols:
            symbols[symbol].darkpool.append(row)
    return symbols
