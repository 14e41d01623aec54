"""The flow cache is not there, or it is there and empty.

A crash between truncating and writing, a cleaned-up folder, a daemon that may no longer write: the bot finds no
file, clusters nothing, and says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.failure_point import FailurePoint, Sheet
from harness.observe.snapshot import Snapshot
from harness.remedy import restart
from harness.vocabulary import Blocks, Cause, Desk, Evidence, Finding, Severity, Stage, Status
from harness.vocabulary.roles import File, Service

SHEET = Sheet(
    id="FP-1.2",
    title="UW cache file missing or empty",
    desk=Desk.EQUITIES,
    severity=Severity.CRITICAL,
    cause=Cause.DATA,
    impact="No flow at all, so no clusters, so no orders.",
    blocks=Blocks.ALL,
    stage=Stage.CACHE,
    recovers_within_s=60.0,
    downstream_of=("FP-1.1", "FP-1.5", "FP-1.6"),
    playbook=(
        "Is the daemon running, and may it write to that folder?",
        "Restart the flow daemon and wait for the file to appear.",
        "Still missing: read the daemon's log for a write error (disk, permission, limit).",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheFile(Evidence):
    """Whether the cache is there, and how large it is beside the least it may be."""

    path: str
    exists: bool
    size_bytes: int
    size_bytes_min: int = 1


def cache_file(snapshot: Snapshot) -> Finding[CacheFile]:
    """The cache exists and has at least one byte."""
    cache = snapshot.files[File.FLOW_CACHE].value
    found = CacheFile(path=cache.path, exists=cache.exists, size_bytes=cache.size_bytes)
    if not cache.exists:
        return Finding(Status.ERROR, f"{cache.path} does not exist", found)
    if cache.size_bytes < found.size_bytes_min:
        return Finding(Status.ERROR, f"{cache.path} is empty", found)
    return Finding(Status.OK, f"{cache.path} has {cache.size_bytes} bytes", found)


FP = FailurePoint(SHEET, detect=cache_file, heal=restart(Service.FLOW_DAEMON))
