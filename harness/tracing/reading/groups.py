"""Signals in groups: what each loop was given, and which of them a collection holds."""

from __future__ import annotations

from harness.tracing.reading.run import Event, Run


def loops_over(run: Run) -> list[tuple[Event, list[str], list[Event]]]:
    """Every loop over signals: its start, what it was given, and its turns."""
    found: list[tuple[Event, list[str], list[Event]]] = []
    running: dict[tuple[int, int], list[Event]] = {}
    for event in run.events:
        if event.kind not in ("loop", "comp"):
            continue
        if event.data[0] is None:
            turns: list[Event] = []
            running[event.act, event.site] = turns
            found.append((event, event.data[1] or [], turns))
        elif (event.act, event.site) in running:
            running[event.act, event.site].append(event)
    return found


def labels_in(event: Event) -> list[str] | None:
    """The signals in the collection that an event is about; None when it is about none."""
    if event.kind in ("loop", "comp"):
        return event.data[1] if event.data[0] is None else None
    if event.kind == "bind" and event.data:
        labels: list[str] | None = event.data[1] if len(event.data) > 1 else None
        return labels if labels is not None else ([event.data[0]] if event.data[0] else None)
    if event.kind == "fn":
        return [label for held in event.data[0][2] for label in held] or None
    return None
