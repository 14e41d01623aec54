"""The trading loop: one cycle after the other, until it is told to stop."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bot.clients import deadline
from bot.clients.errors import CallFailed
from bot.durable.state_file import StateUnusable
from bot.equities.cache import CacheUnusable, load_cache
from bot.equities.clusters import Cluster, cluster_signals
from bot.equities.decide import decide_and_execute
from bot.equities.desk import Desk, build_desk
from bot.equities.enrichment import enrich
from bot.equities.exits import manage_exits
from bot.heartbeat import beat
from bot.orders.submit import Submitted
from bot.stopping import Stop, only_one


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleReport:
    """What one cycle saw and did. Its length in seconds."""

    clusters: int
    submitted: tuple[Submitted, ...]
    duration_s: float


def run_cycle(desk: Desk | None = None) -> CycleReport:
    """Exits, then flow to clusters to orders, all within the cycle's deadline.

    Raises SettingsError when no desk can be built; everything else ends in a log.
    """
    desk = build_desk() if desk is None else desk
    began = time.monotonic()
    with deadline.within(desk.settings.cycle_deadline_s):
        desk.unfollowed = None
        try:
            manage_exits(desk)
        except (CallFailed, StateUnusable, OSError) as error:
            desk.unfollowed = str(error)  # entries are refused for it, should they not meet the same trouble first
            desk.journal.error("exits_failed", why=str(error))
        clusters = find_clusters(desk)
        submitted = decide_and_execute(clusters, desk=desk) if clusters else []
    duration_s = time.monotonic() - began
    desk.journal.info("cycle", clusters=len(clusters), orders=len(submitted), duration_s=round(duration_s, 4))
    return CycleReport(clusters=len(clusters), submitted=tuple(submitted), duration_s=duration_s)


def find_clusters(desk: Desk) -> list[Cluster]:
    """Enriched clusters from the flow cache; none when the cache may not be traded on, and then the log says why."""
    settings = desk.settings
    try:
        cache = load_cache(desk.home.flow_cache, max_age_s=settings.cache_max_age_s)
    except CacheUnusable as error:
        desk.decisions.blocked(error.label, value=error.value, limit=error.limit, way_out=str(error))
        return []
    clusters = cluster_signals(
        cache,
        window_s=settings.cluster_window_s,
        min_alerts=settings.cluster_min_alerts,
        min_premium_usd=settings.cluster_min_premium_usd,
        report=desk.report,
    )
    if not clusters:
        desk.decisions.blocked("no_clusters", value=0, limit=1, way_out=f"{len(cache.symbols)} symbols in the cache")
    return enrich(clusters, cache, window_s=settings.cluster_window_s, report=desk.report)


@contextmanager
def alone() -> Iterator[Desk]:
    """A desk that no other process trades at: two would share the books, and neither see the other's orders in time.

    Raises SettingsError, AlreadyRunning, OSError.
    """
    desk = build_desk()
    with only_one(desk.home.state / "trading_loop.lock"):
        yield desk


def run(stop: Stop) -> None:
    """Cycle until `stop`. Raises SettingsError, AlreadyRunning; an error that nobody foresaw ends the process."""
    with alone() as desk:
        desk.journal.info("started")
        cycles, last_cycle_at = 0, None
        while not stop.is_set():
            _beat(desk, cycles, last_cycle_at)
            next_at = time.monotonic() + desk.settings.cycle_interval_s
            try:
                run_cycle(desk)
            except Exception as error:
                desk.journal.error("crashed", why=f"{type(error).__name__}: {error}")
                raise
            cycles, last_cycle_at = cycles + 1, time.time()
            while not stop.is_set():
                _beat(desk, cycles, last_cycle_at)
                left_s = next_at - time.monotonic()
                if left_s <= 0:
                    break
                stop.wait(min(left_s, desk.settings.heartbeat_interval_s))
        desk.journal.info("stopped", cycles=cycles)


def _beat(desk: Desk, cycles: int, last_cycle_at: float | None) -> None:
    """Write the heartbeat; a full disk must not end the loop, and shows as a heartbeat that grows old."""
    try:
        beat(desk.home.state / "heartbeat_trading_loop.json", cycles=cycles, last_cycle_at=last_cycle_at)
    except OSError as error:
        desk.journal.error("heartbeat_not_written", why=str(error))
