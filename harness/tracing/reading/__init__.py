"""Reading what the probe recorded: a raw record becomes a `harness.vocabulary.Trace`."""

from __future__ import annotations

from typing import Any

from harness.tracing.reading.errors import Errors
from harness.tracing.reading.fates import Fates
from harness.tracing.reading.gates import Gates
from harness.tracing.reading.run import Run
from harness.vocabulary import Lineage, LineageStep, Outcome, Trace

__all__ = ["read"]


def read(record: dict[str, Any]) -> Trace:
    """Turn a raw record (of `probe.record.Recorder.finish`) into a trace.

    Raises ValueError when the record is of another version than this reader knows.
    """
    if record.get("v") != 1:
        raise ValueError(f"the record is of version {record.get('v')!r}; this reader knows version 1")
    run = Run(record)
    gates = Gates(run)
    errors = Errors(gates)
    fates = Fates(gates, errors)
    drafts = sorted(gates.drafts.values(), key=lambda draft: draft.index)
    error = record["error"]
    notes = [*record["notes"], *fates.notes]
    if record["dropped"]:
        notes.append(f"{record['dropped']} events beyond the recorder's limit were dropped")
    return Trace(
        outcome=Outcome(record["outcome"]),
        detail=f"{error['kind']}: {error['message']}".rstrip(": ") if error else "",
        detail_at=f"{error['at'][0]}:{error['at'][1]}" if error else "",
        gates=tuple(draft.gate() for draft in drafts),
        lineage=_lineage(run),
        swallowed=errors.swallowed(),
        lost=fates.lost(),
        notes=tuple(notes),
        duration_s=record["duration_s"],
    )


def _lineage(run: Run) -> tuple[Lineage, ...]:
    """The assignments to each followed value, in their order."""
    found: list[Lineage] = []
    for name, sources in run.record["lineage"].items():
        steps: list[LineageStep] = []
        for event in run.events:
            site = run.site(event)
            if event.kind != "step" or site["name"] not in sources or len(event.data) != 1:
                continue
            function = run.sites[site["fn"]]
            steps.append(
                LineageStep(
                    value=str(event.data[0]),
                    expression=site["text"],
                    function=function["qualname"],
                    file=function["file"],
                    line=site["line"],
                    signal=event.signal,
                )
            )
        found.append(Lineage(name=name, steps=tuple(steps)))
    return tuple(found)
