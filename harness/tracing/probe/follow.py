"""Which signal is this? By the object itself, else by its identity key; and which signals does this collection hold.

No property, `__getattr__` or `__eq__` of the bot's classes runs: keys are read from builtin dicts, instance dicts,
slots, named tuples and the rows of pandas alone.
"""

from __future__ import annotations

import collections
from collections.abc import Iterable
from typing import Any

from . import frames
from .render import PLAIN, Told

_SEQUENCES: tuple[type, ...] = (list, tuple, set, frozenset, collections.deque, type({}.values()), type({}.keys()))
_LOOK = 600
_SHOWN = 8
_DATALESS = object()


class Signals:
    """The signals of one run: those that were given, and those that were met."""

    def __init__(self, given: list[Any] | None, identity: list[str]) -> None:
        self.identity = tuple(identity)
        self.labels: list[str] = []
        self.told: dict[int, Told] = {}
        """Label by the `id` of each signal's object; the objects are kept, so no `id` is used again."""
        self._kept: list[Any] = []
        self.names: set[str] = set()
        self._how: dict[type, tuple[str, bool] | None] = {}
        self.given = given is not None
        for number, signal in enumerate(given or []):
            self._learn(signal, self.name(signal) or f"signal {number + 1}", unique=True)

    def _learn(self, signal: Any, label: str, *, unique: bool = False) -> None:
        if unique and label in self.names:
            label = f"{label}#{sum(known.partition('#')[0] == label for known in self.labels) + 1}"
        if label not in self.names:
            self.names.add(label)
            self.labels.append(label)
        if type(signal) is not str and len(self._kept) < 5000:
            self.told[id(signal)] = Told(label)
            self._kept.append(signal)

    def name(self, value: Any) -> str:
        """The value of its identity key, or an empty string."""
        kind = type(value)
        if kind is dict:
            for key in self.identity:
                found = value.get(key)
                if found.__class__ is str or found.__class__ is int:
                    return str(found)
            return ""
        if kind in PLAIN or (kind in _SEQUENCES and not hasattr(kind, "_fields")):
            return ""
        if frames.is_row(kind):
            return frames.key_of(value, self.identity)
        how = self._how[kind] if kind in self._how else self._learn_type(value)
        return self._read(value, *how) if how is not None else ""

    def _learn_type(self, value: Any) -> tuple[str, bool] | None:
        """Remember where values of this type keep their identity: in the instance's dict, or in a slot."""
        kind = type(value)
        members = _dict_of(value)
        how: tuple[str, bool] | None = None
        for key in self.identity:
            if members is not None and key in members:
                how = (key, True)
                break
            descriptor = next((base.__dict__[key] for base in kind.__mro__ if key in base.__dict__), _DATALESS)
            if type(descriptor).__name__ in ("member_descriptor", "_tuplegetter"):
                how = (key, False)
                break
        if len(self._how) < 2000:
            self._how[kind] = how
        return how

    @staticmethod
    def _read(value: Any, key: str, in_dict: bool) -> str:
        members = _dict_of(value) if in_dict else None
        found = members.get(key) if members is not None else None if in_dict else getattr(value, key, None)
        found = getattr(found, "_value_", found) if issubclass(type(found), str) else found
        return str(found) if issubclass(type(found), (str, int)) and type(found) is not bool else ""

    def of(self, value: Any) -> str:
        """The label of the signal that a value is, or belongs to by its key; empty when it is none."""
        known = self.told.get(id(value))
        if known is not None:
            return str(known.data)
        kind = type(value)
        if kind is str:
            return value if value in self.names else ""
        if kind in PLAIN:
            return ""
        if kind is tuple:
            return next((label for label in map(self.of, value[:4]) if label), "")
        name = self.name(value)
        if not name:
            return ""
        if name not in self.names:
            if self.given:
                return ""
            self._learn(value, name)
        return name

    def within(self, collection: Any) -> list[str] | None:
        """The labels of the signals in a builtin collection; None when it is no collection or holds none but others."""
        kind = type(collection)
        if kind is dict:
            if collection and not self._leads(collection):
                return None
            values: Iterable[Any] = list(collection.items())[:_LOOK]
        elif kind in _SEQUENCES:
            values = list(collection)[:_LOOK]
        elif frames.is_frame(kind):
            return self._rows(collection)
        else:
            return None
        found: list[str] = []
        for number, value in enumerate(values):
            label = self.of(value)
            if label:
                found.append(label)
            elif number >= 3 and not found:
                return None
        return found if found or not collection else None

    def _rows(self, frame: Any) -> list[str] | None:
        keys = frames.keys(frame, self.identity)
        if keys is None:
            return None
        for name in keys if not self.given else ():
            if name and name not in self.names:
                self._learn(name, name)
        return [name for name in keys if name in self.names]

    def shown(self, frame: Any) -> dict[str, dict[str, str]]:
        """The first rows of signals in a DataFrame, with what stands in them."""
        found: dict[str, dict[str, str]] = {}
        for number, name in enumerate(frames.keys(frame, self.identity) or ()):
            if name in self.names and name not in found:
                found[name] = frames.cells(frame, number)
            if len(found) >= _SHOWN:
                break
        return found

    def never(self, value: dict[Any, Any]) -> bool:
        """Whether a dict is at a glance neither a signal nor a collection of some: most are quotes and settings."""
        for key in self.identity:
            if key in value:
                return False
        key, first = next(iter(value.items()))
        return type(first) in PLAIN and not (type(key) is str and key in self.names)

    def _leads(self, collection: dict[Any, Any]) -> bool:
        """Whether one of the first two items of a dict is about a signal; dicts are seldom mixed."""
        for number, (key, value) in enumerate(collection.items()):
            if (type(key) is str and key in self.names) or (type(value) not in PLAIN and self.of(value)):
                return True
            if number:
                break
        return False


def _dict_of(value: Any) -> dict[str, Any] | None:
    try:
        members = object.__getattribute__(value, "__dict__")
    except AttributeError:
        return None
    return members if type(members) is dict else None
