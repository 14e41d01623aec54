"""State files: typed JSON with a schema number, and a checksum where nobody but the bot writes them.

A file that cannot be used is one of three things, and each has its own way out: missing (somebody removed it), corrupt
(moved aside as evidence), or written by a newer version (left alone, because it may be perfectly good).
"""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from bot.durable.atomic import sync_folder, write_atomically


class StateUnusable(Exception):
    """A state file stops the bot from trading; the message names the file and the way out."""

    label = "state_unusable"

    def __init__(self, path: Path, sentence: str) -> None:
        super().__init__(sentence)
        self.path = path


class StateMissing(StateUnusable):
    """The file is not there although the state folder is."""

    label = "state_missing"


class StateCorrupt(StateUnusable):
    """The bytes are no JSON of the right shape, or do not match their own checksum."""

    label = "state_corrupt"


class StateSchemaUnknown(StateUnusable):
    """The file carries a schema number that this version does not know."""

    label = "state_schema_unknown"


class Document(msgspec.Struct, kw_only=True):
    """What every state file has. `sha256` covers the file without itself; empty means written by hand."""

    schema: int
    sha256: str = ""


class _Schema(msgspec.Struct):
    schema: int


_SCHEMA = msgspec.json.Decoder(_Schema)

D = TypeVar("D", bound=Document)


def read_state(path: Path, kind: msgspec.json.Decoder[D], *, schema: int) -> D:
    """Read `path` as what `kind` decodes. Raises StateMissing, StateCorrupt, StateSchemaUnknown, OSError."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise StateMissing(
            path, f"{path} is missing; put it back from a backup, or copy {path.name} from the bot's defaults/"
        ) from None
    try:
        found = _SCHEMA.decode(raw).schema
        if found != schema:
            raise StateSchemaUnknown(
                path, f"{path} has schema {found}, this version knows schema {schema}; run the version that wrote it"
            )
        document = kind.decode(raw)
        if document.sha256 and document.sha256 != checksum(msgspec.json.decode(raw)):
            raise StateCorrupt(path, f"{path} does not match its own checksum; it was changed or damaged")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise StateCorrupt(path, f"{path} is not readable as {kind.type.__name__}: {error}") from None
    return document


def write_state(path: Path, document: Document, *, sealed: bool, sync: bool = True) -> None:
    """Write `document` in one step, with its checksum when `sealed`. Raises OSError.

    Without `sync` a power cut may cost the newest version: for what can be rebuilt.
    """
    content: dict[str, Any] = msgspec.to_builtins(document)
    content.pop("sha256", None)
    if sealed:
        content["sha256"] = checksum(content)
    write_atomically(path, msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n", sync=sync)


def checksum(content: dict[str, Any]) -> str:
    """SHA-256 over the canonical JSON of `content` without its own `sha256`."""
    rest = {key: value for key, value in content.items() if key != "sha256"}
    return hashlib.sha256(msgspec.json.encode(rest, order="deterministic")).hexdigest()


def move_aside(path: Path, *, replacement: bytes) -> Path:
    """Keep a corrupt file as `<name>.corrupt.<timestamp>` and put `replacement` in its place; returns the kept one.

    The name is never vacant meanwhile, so that a crash in between cannot turn "corrupt" into "missing". Raises OSError.
    """
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    kept = path.with_name(f"{path.name}.corrupt.{stamp}")
    count = 1
    while True:
        try:
            os.link(path, kept)
            break
        except FileExistsError:
            count += 1
            kept = path.with_name(f"{path.name}.corrupt.{stamp}-{count}")
    write_atomically(path, replacement)
    sync_folder(path.parent)
    return kept
