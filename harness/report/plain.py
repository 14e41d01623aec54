"""Values as JSON can carry them: enums as their words, decimals as digits, and no text that a reader would choke on."""

from __future__ import annotations

import dataclasses
import enum
import math
from collections.abc import Mapping, Sequence, Set
from decimal import Decimal
from typing import TypeAlias

Plain: TypeAlias = "None | bool | int | float | str | list[Plain] | dict[str, Plain]"

# Past these, a JSON reader that keeps numbers as doubles would round without a word.
_INT_MAX = 2**53


def plain(value: object) -> Plain:
    """`value` as JSON types. Dataclasses and mappings keep their order; whatever is unknown becomes its text.

    Numbers that JSON cannot say (infinite, not a number, past 2**53) become text, never null.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, enum.Enum):
        return text(value.value) if isinstance(value.value, str) else value.name
    if isinstance(value, int | float):
        return value if math.isfinite(value) and abs(value) <= _INT_MAX else str(value)
    if isinstance(value, str):
        return text(value)
    if isinstance(value, Decimal):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {text(str(plain(key))): plain(item) for key, item in value.items()}
    if isinstance(value, bytes | bytearray):
        return bytes(value).decode("utf-8", "backslashreplace")
    if isinstance(value, Sequence):
        return [plain(item) for item in value]
    if isinstance(value, Set):
        return [plain(item) for item in sorted(value, key=str)]
    return text(str(value))


def text(value: str) -> str:
    """`value` without lone surrogates, which no UTF-8 file can hold; they stay visible as escapes."""
    return value.encode("utf-8", "backslashreplace").decode("utf-8")
