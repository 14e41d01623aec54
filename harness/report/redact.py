"""No secret leaves in a report, in whatever spelling log text, a repr or an URL gave it."""

from __future__ import annotations

import base64
import dataclasses
import html
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote, quote_plus

T = TypeVar("T")

# A shorter one could be any word of the report, so it is replaced only where it stands alone.
_WORD_MAX = 5
# A short repr cuts a long secret; a piece of this many characters of one is still the secret's.
_PIECE = 8


def redact(document: T, secrets: Mapping[str, str]) -> T:
    """`document` with each value of `secrets` (name to value) replaced by `[secret NAME]` in every text of it."""
    hide = hider(secrets)
    return document if hide is None else _walk(document, hide)


class Hider:
    """Replaces the values of secrets in a text by their names."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        spelt = {spelling: name for name, value in secrets.items() if value for spelling in _spellings(value)}
        self._names = spelt
        longest_first = sorted(spelt, key=lambda spelling: -len(spelling))
        self._whole = re.compile("|".join(_pattern(spelling) for spelling in longest_first))
        self._pieces = {
            value[at : at + _PIECE]: (name, value, at)
            for name, value in secrets.items()
            if len(value) >= 2 * _PIECE
            for at in range(len(value) - _PIECE + 1)
        }
        self._piece = re.compile("|".join(map(re.escape, self._pieces)))

    def __call__(self, text: str) -> str:
        text = self._whole.sub(lambda match: f"[secret {self._names[match[0]]}]", text)
        return self._without_pieces(text) if self._pieces else text

    def _without_pieces(self, text: str) -> str:
        out: list[str] = []
        at = 0
        while found := self._piece.search(text, at):
            name, value, start = self._pieces[found[0]]
            end = found.end()
            rest = iter(value[start + _PIECE :])
            while text[end : end + 1] == next(rest, None):
                end += 1
            out += [text[at : found.start()], f"[secret {name}, a part]"]
            at = end
        out.append(text[at:])
        return "".join(out)


def hider(secrets: Mapping[str, str]) -> Hider | None:
    """What hides these secrets; None where none has a value."""
    return Hider(secrets) if any(secrets.values()) else None


def _spellings(value: str) -> set[str]:
    """The forms in which a value turns up: as it is, in JSON, a repr, HTML, an URL, and in a basic-auth header."""
    encoded = base64.b64encode(value.encode()).decode()
    forms = {value, json.dumps(value)[1:-1], repr(value)[1:-1], html.escape(value), quote(value), quote_plus(value)}
    return forms | ({encoded, encoded.rstrip("=")} if len(value) > _WORD_MAX else set())


def _pattern(spelling: str) -> str:
    exact = re.escape(spelling)
    return rf"(?<!\w){exact}(?!\w)" if len(spelling) <= _WORD_MAX else exact


def _walk(value: Any, hide: Hider) -> Any:
    if type(value) is str:  # an enum's word is no free text
        return hide(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        changed = {field.name: _walk(getattr(value, field.name), hide) for field in dataclasses.fields(value)}
        return dataclasses.replace(value, **changed)
    if isinstance(value, Mapping):
        return {_walk(key, hide): _walk(item, hide) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return tuple(_walk(item, hide) for item in value)
    return value
