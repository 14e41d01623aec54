"""Text from a bot, made safe to look at: what would move a cursor, hide, or turn a line around is shown instead."""

from __future__ import annotations

import unicodedata

# Invisible or direction-changing though not all of category C: zero-width, bidirectional marks, line separators.
_UNSEEN = frozenset("\u200b\u200c\u200d\u2028\u2029\u2060\ufeff")
_CATEGORIES = ("Cc", "Cf", "Cs", "Co", "Cn")
SHORTENED = "…"


def visible(text: str, *, length_max: int = 0) -> str:
    """`text` on one line, each control or hidden character as its escape; cut after `length_max` characters if given.

    Source: ECMA-48 (a terminal acts on C0, C1 and ESC sequences), Unicode UAX 9 (bidirectional overrides).
    """
    cut = text[:length_max] if length_max and len(text) > length_max else text
    shown = cut if cut.isascii() and cut.isprintable() else "".join(map(_shown, cut))
    missing = len(text) - len(cut)
    return f"{shown}{SHORTENED} ({missing} characters more)" if missing else shown


def _shown(character: str) -> str:
    if character in _UNSEEN or unicodedata.category(character) in _CATEGORIES:
        return character.encode("unicode_escape").decode("ascii")
    return character
