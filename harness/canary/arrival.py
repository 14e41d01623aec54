"""Whether the golden rows came from the provider into the bot, and where they stopped if they did not.

The bot's own feed brings them: nothing of ours writes into the bot's files. They have arrived when the flow cache
names the symbol. The wait ends on evidence (the feed is refused, the feed has polled often enough, the feed is
dead); only where there is none does it end by the clock.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass

from harness.canary.feeding import feed_once
from harness.canary.watch import at_work
from harness.lab.bench import Bench
from harness.lab.world import Traffic
from harness.vocabulary import Stage
from harness.vocabulary.roles import File

POLLS_ANSWERED = 3
"""So often may one endpoint give the rows without a cache that has them; the earlier ones are surely written down."""
POLLS_REFUSED = 3
"""A 429 or a 5xx may pass at the next poll, so as many as this in a row are waited for."""
KEY_REFUSED = (401, 403)
"""No next poll mends these."""
REFUSED_FROM = 400
NOT_AT_WORK = "nobody asks the provider for rows: the feeding process is not at work"
ASKED_WITHIN_S = 2.0
WRITTEN_WITHIN_S = 1.0
LEFT_WITHIN_S = 5.0
UNDER_WAY_WITHIN_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What became of the rows on their way into the bot. `stage` is None when they arrived, or need not have."""

    stage: Stage | None
    detail: str


@contextmanager
def golden_in_cache(bench: Bench, symbol: str) -> Iterator[Arrival]:
    """Publish the golden rows and wait for the bot's feed to bring them; at the end, withdraw them and wait until
    the cache has lost them again, so that no later cycle of the bot meets them."""
    side = bench.deployment.toml.canary.side
    if _in_cache(bench, symbol):
        bench.world.quieten([symbol])
        bench.wait(lambda: not _in_cache(bench, symbol), LEFT_WITHIN_S)
    cached = File.FLOW_CACHE in bench.deployment.toml.files
    if cached and bench.deployment.toml.canary.feed is None and not _feed_works(bench):
        # Nothing is published to a feed that sleeps: a request of its under way would bring the rows when it wakes.
        yield Arrival(stage=Stage.FEED, detail=NOT_AT_WORK)
        return
    with nullcontext() if cached else bench.world.only_golden(), bench.world.golden_rows(symbol, side):
        seen = len(bench.world.provider_traffic())
        why_not = feed_once(bench)
        arrival = Arrival(stage=Stage.FEED, detail=why_not) if why_not else _await(bench, symbol, seen)
        yield arrival
    feed_once(bench)  # the rows leave the bot's files the way they came
    _await_their_leaving(bench, symbol, arrival, seen)


def _await_their_leaving(bench: Bench, symbol: str, arrival: Arrival, seen: int) -> None:
    """Wait until the cache has lost the rows; where it never got them, until none can be on their way any more.

    A feed asks one thing after another: one that asks again for the last thing it was given has written that down,
    or has tried to.
    """
    if arrival.stage is None:
        bench.wait(lambda: not _in_cache(bench, symbol) or not _feed_works(bench), LEFT_WITHIN_S)
        return
    before = bench.world.provider_traffic()[seen:]
    given = [request.path for request in before if not _refused(request)]

    def none_on_their_way() -> bool:
        since = [request.path for request in bench.world.provider_traffic()[seen + len(before) :]]
        asked_again = len(set(given)) < len(given) or (bool(given) and given[-1] in since)
        return not given or not _feed_works(bench) or (asked_again and not _in_cache(bench, symbol))

    bench.wait(none_on_their_way, UNDER_WAY_WITHIN_S)


def _await(bench: Bench, symbol: str, seen: int) -> Arrival:
    """Wait for the rows. `seen`: how many requests the provider had had when they were published."""
    if File.FLOW_CACHE not in bench.deployment.toml.files:
        return Arrival(stage=None, detail="this bot has no flow cache to watch")
    ended: list[Arrival] = []
    first_asked_s: list[float] = []

    def over() -> bool:
        if _in_cache(bench, symbol):
            return True
        traffic = bench.world.provider_traffic()[seen:]
        if traffic and not first_asked_s:
            first_asked_s.append(time.monotonic())
        ended[:] = _evidence(bench, traffic)
        return bool(ended) or (bool(first_asked_s) and time.monotonic() > first_asked_s[0] + WRITTEN_WITHIN_S)

    if not bench.wait(over, ASKED_WITHIN_S) and first_asked_s:
        bench.wait(over, WRITTEN_WITHIN_S)
    if _in_cache(bench, symbol):
        return Arrival(stage=None, detail="the rows reached the flow cache")
    return ended[0] if ended else _by_the_clock(bench.world.provider_traffic()[seen:])


def _evidence(bench: Bench, traffic: Sequence[Traffic]) -> list[Arrival]:
    """What the provider's own log and the kernel say already now against an arrival; empty while it may still come."""
    answered = [request for request in traffic if request.status is not None]
    refused = [request for request in answered if _refused(request)]
    if refused and len(refused) == len(answered):
        last = refused[-1]
        if last.status in KEY_REFUSED or len(refused) >= POLLS_REFUSED:
            return [Arrival(stage=Stage.PROVIDER, detail=f"the provider answers {last.status} to {last.path}")]
    given = Counter(request.path for request in answered if not _refused(request))
    if given and max(given.values()) >= POLLS_ANSWERED:
        times = max(given.values())
        return [_not_cached(f"although they were fetched {times} times")]
    if not traffic and not _feed_works(bench):
        return [Arrival(stage=Stage.FEED, detail=NOT_AT_WORK)]
    return []


def _by_the_clock(traffic: Sequence[Traffic]) -> Arrival:
    if not traffic:
        return Arrival(stage=Stage.FEED, detail=f"nobody asked the provider for rows within {ASKED_WITHIN_S:.1f} s")
    refused = [request for request in traffic if _refused(request)]
    if refused and len(refused) == len(traffic):
        last = refused[-1]
        return Arrival(stage=Stage.PROVIDER, detail=f"the provider answers {last.status} to {last.path}")
    return _not_cached(f"within {WRITTEN_WITHIN_S:.1f} s")


def _not_cached(when: str) -> Arrival:
    return Arrival(stage=Stage.CACHE, detail=f"the provider gave the rows, and the flow cache did not get them {when}")


def _refused(request: Traffic) -> bool:
    return request.status is not None and request.status >= REFUSED_FROM


def _feed_works(bench: Bench) -> bool:
    """Whether a process that feeds is at work; True for a bot that names none, since then nobody can say."""
    feeding = [role for role, table in bench.deployment.toml.services.items() if table.feeds]
    return not feeding or any(at_work(bench, role) for role in feeding)


def _in_cache(bench: Bench, symbol: str) -> bool:
    if File.FLOW_CACHE not in bench.deployment.toml.files:
        return False
    try:
        return f'"{symbol}"'.encode() in bench.path(File.FLOW_CACHE).read_bytes()
    except OSError:
        return False  # a cache that is not there has no rows
