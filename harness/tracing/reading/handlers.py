"""Handlers as gates: an exception ended the path of a signal, or of all of them, where a handler took it and left."""

from __future__ import annotations

from collections.abc import Iterator

from harness.tracing.reading.drafts import Draft
from harness.tracing.reading.leaf import Leaf
from harness.tracing.reading.run import Event, Run
from harness.vocabulary import GateVerdict, Stage

_WIDTH = 160


def said(event: Event) -> str:
    """Kind and message of the exception that an event is about."""
    error = event.data[0]
    return f"{error['kind']}: {error['message']}".rstrip(": ")


def named(event: Event) -> str:
    """The exception by its HTTP status, else by kind and message."""
    return event.data[0]["http"] or said(event)


def raised_at(event: Event) -> str:
    """`file:line` of where the exception was raised."""
    at = event.data[0]["at"]
    return f"{at[0]}:{at[1]}"


def line_in(event: Event) -> int:
    """The line of the event's own function at which the exception came up; 0 where it is not known."""
    way = event.data[0]["way"]
    return int(way[0][1]) if way else 0


def swallowed_by(run: Run, handler: Event) -> str:
    """The exception, and the handler that it ended in."""
    site = run.site(handler)
    return f"{named(handler)}, swallowed in {run.sites[site['fn']]['file']}:{site['line']}"


def left_by(run: Run, handler: Event) -> str:
    """How control left the function or the turn after a handler: its own exit, or the one that follows at once.

    Empty when the path went on: what comes next is neither inside the handler nor an exit. A handler that was itself
    left by an exception raised.
    """
    exits: str = run.site(handler)["exits"][0]
    if exits:
        return exits
    for event in run.after(handler):
        site = run.site(event)
        if event.kind in ("exit", "ret"):
            return str(site.get("exit", "return"))
        if event.kind == "failed":
            way = event.data[0]["way"]
            inside = bool(way) and run.site(handler)["line"] <= int(way[0][1]) <= run.site(handler)["end"]
            return "raise" if inside else ""
        if not _inside(run, event, handler):
            return "return" if event.kind == "end" and not run.site(handler)["loops"] else ""
    return ""


def _inside(run: Run, event: Event, handler: Event) -> bool:
    return [handler.site, 1] in run.site(event).get("under", [])


def answers_from(run: Run, answer: Event) -> Event | None:
    """The handler that led straight to a constant answer, with no condition between but its own."""
    for event in run.before(answer):
        if event.kind == "handler":
            return event if left_by(run, event) == "return" else None
        if not any(run.sites[number]["k"] == "handler" for number, _ in run.site(event).get("under", [])):
            return None
    return None


def around(run: Run, event: Event) -> Iterator[Event]:
    """The handlers in which a place stands, as they were entered last, the innermost first."""
    for number, _ in reversed(run.site(event).get("under", [])):
        if run.sites[number]["k"] == "handler":
            found = run.last_at(event.act, number, event.index)
            if found is not None and found.scope == event.scope:
                yield found


def raised_in(run: Run, handler: Event) -> Event:
    """The last event of the turn in which the exception came up, where that is inside a loop; else the handler's own.

    A handler around a loop over signals ends one signal by name; that the others are never looked at is the loop's.
    """
    line = line_in(handler)
    last = next(run.before(handler), handler)
    loop = run.sites.get(last.scope.loop, {})
    return last if loop and loop["line"] <= line <= loop["end"] else handler


def _of_order_call(run: Run, handler: Event) -> bool:
    """Whether the exception is an HTTP answer to the order call itself, and so the venue's own word."""
    fn, line = run.site(handler)["fn"], line_in(handler)
    return bool(handler.data[0]["http"]) and any(
        site["k"] == "act" and site["fn"] == fn and site["line"] <= line <= site["end"]
        for site in run.sites.values()
        if any(rank >= 3 for _, rank in site.get("calls", ()))
    )


def handler_draft(run: Run, handler: Event, exit_kind: str = "") -> Draft:
    """The gate that a handler is: the exception is its value, and what would let the signal through is none."""
    site, error = run.site(handler), handler.data[0]
    function = run.sites[site["fn"]]
    text, line = said(handler), line_in(handler)
    spoken = run.spoken(handler, 1) if site["weak"] else ""
    return Draft(
        index=handler.index,
        act=handler.act,
        signal=handler.signal or raised_in(run, handler).signal,
        function=function["qualname"],
        file=function["file"],
        line=site["line"],
        condition=site["text"],
        verdict=GateVerdict.BLOCKED,
        leaf=Leaf(
            value=text if len(text) <= _WIDTH else f"{text[: _WIDTH - 3]}...",
            needs=f"no {error['kind']} at line {line}",
        ),
        label=spoken or site["label"],
        exit=exit_kind or left_by(run, handler) or "no else",
        why=f"{named(handler)}, raised at {raised_at(handler)}",
        handler=True,
        stage=Stage.VENUE if _of_order_call(run, handler) else None,
    )
