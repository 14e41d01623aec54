"""Signals in the rows of pandas: which of them a DataFrame holds, and which one a row is about.

Only objects of pandas' own types are looked at, and only pandas' own code runs for that; a subclass of the bot's is
left alone. pandas itself is never imported here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .render import PLAIN, render

_LOOK = 600
_COLUMNS = 24


def is_frame(kind: type) -> bool:
    """Whether a type is pandas' own DataFrame."""
    return kind.__name__ == "DataFrame" and kind.__module__.partition(".")[0] == "pandas"


def is_row(kind: type) -> bool:
    """Whether a type is pandas' own Series."""
    return kind.__name__ == "Series" and kind.__module__.partition(".")[0] == "pandas"


def keys(frame: Any, identity: Iterable[str]) -> list[str] | None:
    """The identity of each row, in order; None where the frame has no such column, nor an index of that name."""
    try:
        columns = list(frame.columns)
        for key in identity:
            if key in columns:
                found = frame.iloc[:_LOOK, columns.index(key)].tolist()
            elif frame.index.name == key:
                found = frame.index[:_LOOK].tolist()
            else:
                continue
            return [str(value) if type(value) in (str, int) else "" for value in found]
    except Exception:  # noqa: BLE001 - a frame that is being changed must not end the bot's call
        return None
    return None


def key_of(row: Any, identity: Iterable[str]) -> str:
    """The identity of a row; empty where it has none."""
    try:
        names = list(row.index)
        for key in identity:
            value = row.iloc[names.index(key)] if key in names else None
            if type(value) in (str, int):
                return str(value)
    except Exception:  # noqa: BLE001 - as above
        return ""
    return ""


def cells(frame: Any, number: int) -> dict[str, str]:
    """What stands in the plain columns of one row, as short text."""
    shown: dict[str, str] = {}
    try:
        for place, column in enumerate(list(frame.columns)[:_COLUMNS]):
            value = frame.iloc[:, place].iloc[number]
            value = value.item() if type(value).__module__ == "numpy" else value
            if type(column) is str and type(value) in PLAIN:
                shown[column] = render(value)
    except Exception:  # noqa: BLE001 - as above
        return shown
    return shown
