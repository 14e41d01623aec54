"""One run in the canary host as a trace: what the probe recorded, and how the host says that the run ended."""

from __future__ import annotations

import dataclasses

from harness.tracing.plan import RawRun
from harness.tracing.reading import read
from harness.vocabulary import Outcome, Trace


def trace_of(run: RawRun) -> Trace:
    """The trace of `run`. The host knows how it ended even where the probe could not say any more."""
    recorded = read(run.record) if run.record else Trace(outcome=Outcome(run.outcome))
    return dataclasses.replace(
        recorded,
        outcome=Outcome(run.outcome),
        detail=run.detail or recorded.detail,
        detail_at=run.detail_at or recorded.detail_at,
        notes=(*recorded.notes, *run.notes),
        duration_s=run.duration_s,
    )
