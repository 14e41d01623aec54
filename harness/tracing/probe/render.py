"""Values as short text, without trusting them: builtins are shown by us, everything else by the name of its type.

Nothing here raises, and no `__repr__` of the bot's own classes is called.
"""

from __future__ import annotations

import datetime
import decimal
import enum
import fractions
import uuid
from typing import Any

PLAIN = frozenset({int, float, str, bool, type(None), bytes, complex})
"""Types whose values never change and hold nothing alive: events may keep them as they are."""

_TOLD = (decimal.Decimal, datetime.date, datetime.time, datetime.timedelta, fractions.Fraction, uuid.UUID)
_WIDTH = 80


class Shown(str):
    """Text of a value that was rendered when it was recorded."""

    __slots__ = ()


def _short(text: str) -> str:
    return text if len(text) <= _WIDTH else text[: _WIDTH - 3] + "..."


def _scalar(value: Any) -> str | None:
    kind = type(value)
    if kind in PLAIN:
        if kind is int and value.bit_length() > 400:
            return f"<int of {value.bit_length()} bits>"
        return _short(repr(value[:_WIDTH] if kind in (str, bytes) else value))
    if kind in _TOLD or kind is datetime.datetime:
        return _short(str(value))
    if issubclass(kind, enum.Enum):  # never isinstance: it asks the bot's object for its __class__
        return _short(f"{kind.__name__}.{value._name_}")
    if kind.__module__ == "numpy" and getattr(value, "shape", None) == ():
        return _short(str(value))
    return None


def _members(value: Any, depth: int) -> str:
    kind = type(value)
    if kind is dict:
        shown = [f"{render(key, depth - 1)}: {render(value[key], depth - 1)}" for key in list(value)[:4]]
    else:
        shown = [render(member, depth - 1) for member in list(value)[:6]]
    if len(value) > len(shown):
        shown.append(f"... {len(value)} in all")
    left, right = ("[", "]") if kind is list else ("(", ")") if kind is tuple else ("{", "}")
    return _short(f"{left}{', '.join(shown)}{right}" if shown or kind is not set else "set()")


def _fields(value: Any) -> dict[str, Any] | None:
    """What a dataclass or a named tuple holds, read without asking it; None for anything else."""
    kind = type(value)
    if "__dataclass_fields__" in kind.__dict__:
        held: dict[str, Any] = object.__getattribute__(value, "__dict__")
        return held
    names = getattr(kind, "_fields", None) if issubclass(kind, tuple) else None
    return dict(zip(names, tuple.__iter__(value), strict=False)) if type(names) is tuple else None


def _record(value: Any, fields: dict[str, Any], depth: int) -> str:
    shown = [f"{name}={render(part, depth - 1)}" for name, part in list(fields.items())[:6]]
    return _short(f"{type(value).__name__}({', '.join(shown)})")


def render(value: Any, depth: int = 2) -> str:
    """Text of at most 80 characters for any value."""
    try:
        if type(value) is Shown:
            return str(value)
        text = _scalar(value)
        if text is not None:
            return text
        if type(value) in (list, tuple, dict, set, frozenset):
            return _members(value, depth) if depth > 0 else f"<{type(value).__name__} of {len(value)}>"
        fields = _fields(value) if depth > 0 else None
        return f"<{type(value).__name__}>" if fields is None else _record(value, fields, depth)
    except Exception:  # noqa: BLE001 - a value changed by another thread while we look must not end the bot's call
        return "<not readable>"


def snap(value: Any) -> Any:
    """The value itself where it cannot change, else its text as it is now."""
    if type(value) in PLAIN:
        return value
    if type(value) is tuple and len(value) <= 4 and all(type(member) in PLAIN for member in value):
        return value
    return Shown(render(value))


class Told:
    """Data that goes into the record as it is."""

    __slots__ = ("data",)

    def __init__(self, data: Any) -> None:
        self.data = data


def plain(value: Any) -> Any:
    """A value as JSON: truths as they are, all else as short text."""
    if value is None or value is True or value is False:
        return value
    if type(value) is Told:
        return value.data
    return render(value)


def plain_event(event: tuple[Any, ...]) -> list[Any]:
    """An event as JSON: numbers of sites and activations, truths as they are, all other values as short text."""
    return [event[0], event[1], *[plain(value) for value in event[2:]]]
