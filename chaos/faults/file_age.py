"""A file is fresh to the file system, and its content is old: the daemon writes, and nothing new comes in.

A check of the file's time passes. A file that carries a checksum of itself will show that one instead.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from chaos.effect import NoEffect
from chaos.faults.file_change import changed, content_of

Field = str | Sequence[str]
"""A way into a JSON document: dotted, or the keys one by one where a key has a dot. A number counts in a list."""

_MILLISECONDS_FROM = 1e11  # as seconds that is the year 5138


@contextmanager
def age_json_field(path: Path, field: Field, *, by_s: float) -> Iterator[Path]:
    """Make the time at `field` older by `by_s` seconds while the block runs; the file's own time is now.

    The time may be ISO 8601 text or a unix time in seconds or milliseconds; it keeps its form.
    Raises KeyError for a field that is not there, ValueError for one that is no time, and as `changed` does.
    """
    with _field_changed("age", path, field, lambda value: _older(value, by_s, path, field)) as target:
        yield target


@contextmanager
def set_json_field(path: Path, field: Field, value: object) -> Iterator[Path]:
    """Put another value at `field` while the block runs: NaN, a string for a number, nothing at all.

    Raises KeyError for a field that is not there, TypeError for what JSON cannot hold, and as `changed` does.
    """
    with _field_changed("value", path, field, lambda _: value) as target:
        yield target


@contextmanager
def _field_changed(fault: str, path: Path, field: Field, change: Callable[[Any], object]) -> Iterator[Path]:
    document = json.loads(content_of(path))
    keys = field.split(".") if isinstance(field, str) else list(field)
    holder, key = _reach(document, keys, path)
    wanted = holder[key] = change(holder[key])
    with changed(fault, path, json.dumps(document).encode()) as target:
        holder, key = _reach(json.loads(target.read_bytes()), keys, path)
        if json.dumps(holder[key]) != json.dumps(wanted):  # compared as text, since NaN equals nothing
            raise NoEffect(f"{target}: {'.'.join(keys)} is {holder[key]!r}, not {wanted!r}")
        yield target


def _reach(document: Any, keys: Sequence[str], path: Path) -> tuple[Any, Any]:
    """The list or dict that holds the last key, and that key."""
    holder: Any = None
    key: Any = None
    here = document
    for text in keys:
        key = int(text) if isinstance(here, list) and text.isdigit() else text
        holder = here
        try:
            here = holder[key]
        except (KeyError, IndexError, TypeError):
            known = ", ".join(holder) if isinstance(holder, dict) else type(holder).__name__
            raise KeyError(f"{path} has no field {'.'.join(keys)}: at {text} there is {known}") from None
    return holder, key


def _older(value: object, by_s: float, path: Path, field: Field) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{path}: {field} is {value!r}, which is no time")
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value) - timedelta(seconds=by_s)
        except ValueError:
            raise ValueError(f"{path}: {field} is {value!r}, which is no ISO 8601 time") from None
        text = moment.isoformat()
        return text.replace("+00:00", "Z") if value.endswith("Z") else text
    return type(value)(value - by_s * (1000 if abs(value) >= _MILLISECONDS_FROM else 1))
