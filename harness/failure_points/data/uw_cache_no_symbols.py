"""The flow cache is fresh and well formed, and has not one symbol in it.

The API answered 200 with no rows, or the daemon dropped them all: the age is right, the file is right, and there is
nothing to cluster.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.failure_point import FailurePoint, Sheet
from harness.observe.snapshot import Snapshot
from harness.remedy import restart
from harness.vocabulary import Blocks, Cause, Desk, Evidence, Finding, NotSeen, Severity, Stage, Status
from harness.vocabulary.roles import File, Service

SHEET = Sheet(
    id="FP-1.4",
    title="No symbols in the cache",
    desk=Desk.EQUITIES,
    severity=Severity.CRITICAL,
    cause=Cause.DATA,
    impact="Nothing to cluster, so no signals, so no orders.",
    blocks=Blocks.ALL,
    stage=Stage.CACHE,
    recovers_within_s=60.0,
    downstream_of=("FP-1.1", "FP-1.2", "FP-1.5", "FP-1.6"),
    playbook=(
        "Ask the API by hand: does it answer with rows for your symbols?",
        "Restart the flow daemon and watch the number of symbols.",
        "Rows come and the cache stays empty: read the daemon's log for rows it set aside.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheSymbols(Evidence):
    """How many symbols the cache has, its metadata not counted, beside the least there must be."""

    symbols: int
    symbols_min: int = 1


def cache_symbols(snapshot: Snapshot) -> Finding[CacheSymbols]:
    """At least one symbol besides the metadata. A cache that is not there has none, and says so elsewhere."""
    cache = snapshot.files[File.FLOW_CACHE].value
    if not cache.exists or cache.size_bytes == 0:
        return Finding(Status.ERROR, f"{cache.path} has no content to hold symbols", CacheSymbols(symbols=0))
    if cache.entries is None:
        raise NotSeen(f"the symbols of {cache.path} cannot be counted" + (f": {cache.fault}" if cache.fault else ""))
    found = CacheSymbols(symbols=cache.entries)
    if cache.entries < found.symbols_min:
        return Finding(Status.ERROR, f"{cache.path} has no symbols", found)
    return Finding(Status.OK, f"{cache.path} has {cache.entries} symbols", found)


FP = FailurePoint(SHEET, detect=cache_symbols, heal=restart(Service.FLOW_DAEMON))
