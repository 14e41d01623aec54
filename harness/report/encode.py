"""A document as the bytes of `verdict.json`, and back. The way back is strict: a start gate believes what it reads."""

from __future__ import annotations

from typing import Any

import msgspec

from harness.report.plain import Plain, plain
from harness.verdict.document import DOCUMENT_VERSION, Document


class UnreadableVerdict(ValueError):
    """A verdict that cannot be read; the message is one sentence that names the part and the way out."""


class _Head(msgspec.Struct):
    version: int


def encode(document: Document) -> bytes:
    """`document` as indented JSON in UTF-8, `version` first, every other key in the order of its type."""
    return msgspec.json.format(msgspec.json.encode(plain(document)), indent=2) + b"\n"


def decode(data: bytes) -> Document:
    """The document in `data`. Raises `UnreadableVerdict`: no JSON, another version, a wrong type, an unknown key."""
    try:
        version = msgspec.json.decode(data, type=_Head).version
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnreadableVerdict(f"this is no verdict ({error}); run `make verify` to write a new one") from error
    if version != DOCUMENT_VERSION:
        newer = "update this harness" if version > DOCUMENT_VERSION else "run `make verify` to write a new one"
        raise UnreadableVerdict(
            f"the verdict has version {version} and this harness reads version {DOCUMENT_VERSION}; {newer}"
        )
    try:
        document = msgspec.json.decode(data, type=Document)
    except msgspec.ValidationError as error:
        raise UnreadableVerdict(f"the verdict is damaged: {error}; run `make verify` to write a new one") from error
    stranger = _stranger(msgspec.json.decode(data), plain(document), "")
    if stranger:
        raise UnreadableVerdict(f"the verdict has an unknown key `{stranger}`; run `make verify` to write a new one")
    return document


def _stranger(raw: Any, known: Plain, path: str) -> str:
    """The path of the first key of `raw` that `known`, the same value read by its type, does not have; else empty."""
    if isinstance(raw, dict) and isinstance(known, dict):
        for key, value in raw.items():
            here = f"{path}.{key}" if path else key
            deeper = here if key not in known else _stranger(value, known[key], here)
            if deeper:
                return deeper
    if isinstance(raw, list) and isinstance(known, list):
        for place, (value, twin) in enumerate(zip(raw, known, strict=True)):
            deeper = _stranger(value, twin, f"{path}[{place}]")
            if deeper:
                return deeper
    return ""
