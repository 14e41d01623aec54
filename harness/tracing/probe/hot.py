"""The recordings that run most often, as closures over what they need: an attribute less is a tenth of their cost."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import get_ident
from typing import Any, NamedTuple, Protocol

from .follow import Signals
from .frames import is_frame
from .render import PLAIN, Shown, Told, render, snap

LIMIT = 60_000
"""Events that one record may hold; what comes after is counted and dropped."""
CONTAINERS = frozenset({list, tuple, dict, set, frozenset, deque})


class Recording(Protocol):
    """Where events go."""

    events: list[tuple[Any, ...]]
    signals: Signals
    lineage: dict[str, list[str]]
    activations: int

    def trim(self) -> None:
        """Drop what is beyond the limit."""


class Hot(NamedTuple):
    """The functions of one recording."""

    see0: Callable[[int, int, Any], None]
    """A condition without operands to keep."""
    see1: Callable[[int, int, Any, Any], None]
    """A condition with one operand."""
    see2: Callable[[int, int, Any, Any, Any], None]
    """A condition with two operands."""
    enter: Callable[[int, tuple[Any, ...]], int]
    """A function was entered with these arguments; the number of the activation."""
    turn: Callable[[int, int, Any], bool]
    """A loop has bound its targets; whether they are about a signal."""
    bound: Callable[..., None]
    """A name was bound to something that may be a signal, or hold some; and what its rows were compared with."""
    step: Callable[[int, int, Any], Any]
    """A named value was set; it is passed on."""


def _nothing(*_: Any) -> None:
    return None


def _no(*_: Any) -> bool:
    return False


def _zero(*_: Any) -> int:
    return 0


def _passed(site: int, act: int, value: Any) -> Any:
    return value


def idle() -> Hot:
    """The functions while nothing is recorded."""
    return Hot(_nothing, _nothing, _nothing, _zero, _no, _nothing, _passed)


def busy(recorder: Recording, wanted: frozenset[int]) -> Hot:
    """The functions that record into a recorder."""
    emit = recorder.events.append

    def see0(site: int, act: int, outcome: Any) -> None:
        emit((site, act, outcome))

    def see1(site: int, act: int, outcome: Any, value: Any) -> None:
        emit((site, act, outcome, value if type(value) in PLAIN else snap(value)))

    def see2(site: int, act: int, outcome: Any, value: Any, other: Any) -> None:
        if type(value) not in PLAIN:
            value = snap(value)
        emit((site, act, outcome, value, other if type(other) in PLAIN else snap(other)))

    def step(site: int, act: int, value: Any) -> Any:
        if site in wanted:
            emit((site, act, value if type(value) in PLAIN else Shown(render(value))))
        return value

    return Hot(see0, see1, see2, _enter(recorder), _turn(recorder), _bound(recorder), step)


def _enter(recorder: Recording) -> Callable[[int, tuple[Any, ...]], int]:
    events, emit, signals, told = recorder.events, recorder.events.append, recorder.signals, recorder.signals.told
    names, never = recorder.signals.names, recorder.signals.never

    def enter(fn: int, given: tuple[Any, ...]) -> int:
        recorder.activations = act = recorder.activations + 1
        signal = ""
        held: list[list[str]] = []
        for value in given:
            kind = type(value)
            if kind in PLAIN:
                if not signal and kind is str and value in names:
                    signal = value
                continue
            known = told.get(id(value))
            if known is not None:
                signal = signal or known.data
            elif kind is not dict or not value or not never(value):
                label = signals.of(value) if kind is not tuple and kind is not list else ""
                if label:
                    signal = signal or label
                elif (kind in CONTAINERS or is_frame(kind)) and (labels := signals.within(value)) is not None:
                    held.append(labels)
        emit((fn, act, Told([get_ident(), signal, held])))
        if len(events) > LIMIT:
            recorder.trim()
        return act

    return enter


def _turn(recorder: Recording) -> Callable[[int, int, Any], bool]:
    events, emit, told, of = recorder.events, recorder.events.append, recorder.signals.told, recorder.signals.of

    def turn(site: int, act: int, bound: Any) -> bool:
        label = told.get(id(bound)) or Told(of(bound))
        emit((site, act, True, label))
        if len(events) > LIMIT:
            recorder.trim()
        return bool(label.data)

    return turn


def _bound(recorder: Recording) -> Callable[..., None]:
    emit, signals, told = recorder.events.append, recorder.signals, recorder.signals.told
    never = recorder.signals.never

    def bound(site: int, act: int, value: Any, *limits: Any) -> None:
        kind = type(value)
        if kind in PLAIN:
            return
        known = told.get(id(value))
        if known is not None:
            emit((site, act, known, None))
            return
        if kind is dict and value and never(value):
            return
        label = signals.of(value)
        if label:
            emit((site, act, Told(label), None))
        elif kind in CONTAINERS:
            labels = signals.within(value)
            if labels is not None:
                emit((site, act, None, Told(labels)))
        elif is_frame(kind) and (labels := signals.within(value)) is not None:
            emit((site, act, None, Told(labels), Told(signals.shown(value)), *map(snap, limits)))

    return bound
