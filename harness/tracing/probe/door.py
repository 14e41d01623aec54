"""What the rewritten functions call, under one name among the builtins. Nothing here raises or runs the bot's code."""

from __future__ import annotations

import builtins
import enum
from collections import deque
from threading import get_ident
from typing import Any

from . import hot, raised, sites
from .build import PROBE
from .follow import Signals
from .frames import is_frame
from .hot import CONTAINERS, LIMIT, Recording
from .render import PLAIN, Told, plain, render, snap

_nowhere = deque[Any](maxlen=0).append


class Door:
    """What the rewritten functions call. Every function here is total: it never raises and never calls bot code."""

    def __init__(self) -> None:
        self.recorder: Recording | None = None
        self.emit: Any = _nowhere
        self.wanted: frozenset[int] = frozenset()
        self._signals = Signals([], [])
        self._set(hot.idle())
        self._whole: dict[tuple[int, int], list[str]] = {}

    def open(self, recorder: Recording) -> None:
        """Record into this recorder from now on."""
        self.recorder = recorder
        self.emit = recorder.events.append
        self.wanted = sites.followed(frozenset(name for names in recorder.lineage.values() for name in names))
        self._signals = recorder.signals
        self._set(hot.busy(recorder, self.wanted))

    def _set(self, hot_functions: hot.Hot) -> None:
        self.see0, self.see1, self.see2 = hot_functions.see0, hot_functions.see1, hot_functions.see2
        self.enter, self.turn = hot_functions.enter, hot_functions.turn
        self.bound, self.step = hot_functions.bound, hot_functions.step

    def close(self) -> None:
        """Record nothing."""
        self.recorder, self.emit, self.wanted, self._signals = None, _nowhere, frozenset(), Signals([], [])
        self._set(hot.idle())

    def failed(self, site: int, act: int) -> None:
        """A function was left by the exception that is being handled."""
        error = raised.current()
        if self.recorder is not None and error is not None:
            self.emit((-1, act, Told(raised.describe(error))))

    def caught(self, site: int, act: int) -> None:
        """A handler was entered."""
        error = raised.current()
        if self.recorder is not None and error is not None:
            self.emit((site, act, Told(raised.describe(error))))

    def suppressed(self, site: int, act: int, *blocks: Any) -> None:
        """An exception reached a `contextlib.suppress`; one that it does not take goes on, and no handler saw it."""
        error = raised.current()
        for block in blocks:
            taken = getattr(block, "_exceptions", None) if type(block).__module__ == "contextlib" else None
            if type(taken) is not tuple or any(kind in type(error).__mro__ for kind in taken):
                self.caught(site, act)
                return

    def said(self, site: int, act: int, value: Any) -> Any:
        """The name that a log call gives its branch, passed on; a signal's own name names none."""
        if self.recorder is not None:
            kind = type(value)
            text = value._value_ if issubclass(kind, enum.Enum) else value
            if type(text) is str and 0 < len(text) <= 60 and text not in self._signals.names:
                self.emit((site, act, Told(text)))
        return value

    def see(self, site: int, act: int, outcome: Any, *values: Any) -> None:
        """A condition with many operands."""
        self.emit((site, act, outcome, *[value if type(value) in PLAIN else snap(value) for value in values]))

    def decided(self, site: int, act: int, value: Any, *values: Any) -> None:
        """A boolean that was assigned, with its operands."""
        if self.recorder is not None:
            outcome = bool(value) if type(value) in PLAIN else None
            self.emit((site, act, outcome, *map(snap, values)))

    def filtered(self, site: int, act: int, truth: bool, cells: dict[int, Any]) -> bool:
        """A condition inside a comprehension; its operands are in the element's cells."""
        if self.recorder is not None:
            shown = {str(slot): plain(snap(value)) for slot, value in cells.items()}
            self.emit((site, act, truth, Told(shown)))
        return truth

    def element(self, site: int, act: int, value: Any, cells: dict[int, Any]) -> Any:
        """An element of `any(...)` or `all(...)`, passed on."""
        if self.recorder is not None:
            shown = {str(slot): plain(snap(part)) for slot, part in cells.items()}
            self.emit((site, act, bool(value) if type(value) in PLAIN else None, Told(shown)))
        return value

    def argued(self, site: int, act: int, value: Any, *values: Any) -> Any:
        """A condition that is given to a call, passed on."""
        self.decided(site, act, value, *values)
        return value

    def elem(self, site: int, act: int, element: Any) -> dict[int, Any]:
        """An element of a comprehension begins; its cells."""
        self.turn(site, act, element)
        return {}

    def loop(self, site: int, act: int, iterable: Any) -> Any:
        """A loop is about to begin over this."""
        if self.recorder is not None:
            self.emit((site, act, None, Told(self._signals.within(iterable))))
        return iterable

    def pulse(self) -> None:
        """A turn of a `while` loop."""
        recorder = self.recorder
        if recorder is not None and len(recorder.events) > LIMIT:
            recorder.trim()

    def named(self, site: int, act: int, value: Any) -> Any:
        """An assignment expression was evaluated."""
        if self.recorder is not None and type(value) not in PLAIN:
            label = self._signals.of(value)
            if label:
                self.emit((site, act, Told(label), None))
        return self.step(site, act, value)

    def whole(self, site: int, act: int, value: Any) -> Any:
        """What is about to be sliced."""
        if type(value) in (list, tuple) and self.recorder is not None:
            labels = self._signals.within(value)
            if labels:
                self._whole[site, act] = labels
        return value

    def cut(self, site: int, act: int, value: Any) -> Any:
        """What is left of it."""
        before = self._whole.pop((site, act), None) if self._whole else None
        if before is not None:
            self.emit((site, act, None, Told([before, self._signals.within(value) or []])))
        return value

    def yielded(self, site: int, act: int, value: Any) -> Any:
        """A generator hands this out."""
        if self.recorder is not None:
            self.emit((site, act, None, Told([self._signals.of(value), self._signals.within(value)])))
        return value

    def returned(self, site: int, act: int, value: Any, *values: Any) -> None:
        """A function returns this."""
        if self.recorder is None:
            return
        kind = type(value)
        labels = self._signals.within(value) if kind in CONTAINERS or is_frame(kind) else None
        said = value if kind in (bool, type(None)) else None
        if kind is tuple and value and type(value[0]) in (bool, type(None)):
            said = bool(value[0])
        elif kind in PLAIN or kind in CONTAINERS:
            said = bool(value)
        about = Told([render(value), said, self._signals.of(value), labels])
        self.emit((site, act, said, *map(snap, values), about))

    def answer(self, site: int, first: Any, value: Any, cells: dict[int, Any]) -> Any:
        """A lambda answers."""
        if self.recorder is not None:
            shown = {str(slot): plain(snap(part)) for slot, part in cells.items()}
            said = bool(value) if type(value) in PLAIN else None
            self.emit((site, 0, said, Told(shown), Told([get_ident(), self._signals.of(first)])))
        return value

    def peek(self, holder: Any, name: str) -> Any:
        """A member of a dict or of an instance's own dict."""
        members = holder if type(holder) is dict else getattr(holder, "__dict__", None)
        return members.get(name) if type(members) is dict else None

    def clean(self, names: Any, prefix: str) -> Any:
        """`locals()`, `vars()` or `dir()` without the probe's own names."""
        if type(names) is list:
            return [name for name in names if not name.startswith(prefix)]
        if type(names) is dict:
            for name in [name for name in names if type(name) is str and name.startswith(prefix)]:
                del names[name]
        return names


DOOR = Door()


def stand() -> None:
    """Put the door among the builtins, where rewritten functions find it without touching the bot's namespaces."""
    setattr(builtins, PROBE, DOOR)
