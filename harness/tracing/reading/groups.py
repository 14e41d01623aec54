"""Signals in groups: what each loop was given, and which of them a collection holds."""

from __future__ import annotations

import re

from harness.tracing.reading.leaf import shown
from harness.tracing.reading.run import Event, Run
from harness.vocabulary import LostSignal


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


def row_of(event: Event | None, signal: str, text: str) -> str:
    """What a DataFrame had of a signal in the columns that a text names: `score 2.0, premium 1000.0`."""
    rows = event.data[2] if event is not None and event.kind == "bind" and len(event.data) > 2 else {}
    words = set(re.findall(r"\w+", text))
    return ", ".join(f"{column} {value}" for column, value in rows.get(signal, {}).items() if column in words)


def limits_of(run: Run, event: Event) -> str:
    """What the rows of a DataFrame were compared with: `MIN_SCORE 3`."""
    names = run.site(event).get("limits", [])
    return ", ".join(f"{name} {shown(value)}" for name, value in zip(names, event.data[3:], strict=False))


def last_seen(run: Run, signal: str) -> LostSignal | None:
    """The last place that a signal came to, where nothing recorded says how it ended."""
    for event in reversed(run.events):
        site = run.site(event)
        if event.signal == signal and site.get("text") and event.act in run.acts:
            file = run.sites[site["fn"]]["file"]
            return LostSignal(signal=signal, file=file, line=site["line"], how=f"nothing follows: {site['text']}")
    for event in reversed(run.events):
        if signal in (labels_in(event) or ()):
            site, function = run.site(event), run.function(event.act)
            how = f"nothing follows: {site.get('text') or function['qualname']}"
            return LostSignal(signal=signal, file=function["file"], line=site["line"], how=how)
    return None
