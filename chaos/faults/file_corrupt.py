"""A file's bytes are damaged: what a parser sees, and what none can see.

A flipped bit inside a value is accepted by every parser; only a checksum finds it. NaN is accepted by Python's json.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from pathlib import Path

from chaos.faults.file_change import changed, content_of

_TOKEN = re.compile(rb'"(?:\\.|[^"\\])*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?')


class Damage(Enum):
    """Ways for bytes to go wrong."""

    FLIP = "one bit in the middle"
    NULS = "NUL bytes, as many as there were: what a power cut may leave"
    NOT_UTF8 = "a byte in the middle that is not UTF-8"
    NAN = "NaN for the first number of a JSON document"


@contextmanager
def corrupt(path: Path, damage: Damage) -> Iterator[Path]:
    """Damage the file while the block runs.

    Raises FileNotFoundError, ValueError for a file with nothing to damage that way, and as `changed` does.
    """
    content = content_of(path)
    if not content:
        raise ValueError(f"{path} is empty, so there is nothing to damage")
    with changed("damage", path, _DAMAGED[damage](content, path)) as target:
        yield target


def _flip(content: bytes, _: Path) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def _nuls(content: bytes, _: Path) -> bytes:
    return bytes(len(content))


def _not_utf8(content: bytes, _: Path) -> bytes:
    middle = len(content) // 2
    return content[:middle] + b"\xff" + content[middle + 1 :]


def _nan(content: bytes, path: Path) -> bytes:
    for token in _TOKEN.finditer(content):
        if not token[0].startswith(b'"'):
            return content[: token.start()] + b"NaN" + content[token.end() :]
    raise ValueError(f"{path} has no number to put NaN in place of")


_DAMAGED: Mapping[Damage, Callable[[bytes, Path], bytes]] = {
    Damage.FLIP: _flip,
    Damage.NULS: _nuls,
    Damage.NOT_UTF8: _not_utf8,
    Damage.NAN: _nan,
}
