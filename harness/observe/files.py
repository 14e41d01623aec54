"""Looking at files: one read each, strictly parsed; what the content says of itself, beside what the disk says.

json.loads accepts NaN, raises RecursionError on deep nesting and UnicodeDecodeError on bad UTF-8; msgspec is strict
and raises one error class, so a file is either JSON or has a `fault`.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from harness.deployment import Deployment
from harness.deployment.schema import FileTable
from harness.observe.snapshot import FileFacts, Source
from harness.services.plain_file import read_plain
from harness.vocabulary import Seen, Unseen
from harness.vocabulary.roles import File


def look_at_files(deployment: Deployment, now_s: float) -> Source[File, FileFacts]:
    """Every file role of the deployment, as it lies now."""
    return Source({role: look_at_file(deployment, role, now_s) for role in deployment.toml.files})


def look_at_file(deployment: Deployment, role: File, now_s: float) -> Seen[FileFacts] | Unseen:
    """One file. It is `Unseen` only where the machine would not let us look."""
    table = deployment.file(role)
    path = deployment.path(role)
    try:
        raw = _read(path)
        stat = path.stat() if raw is not None else None
    except OSError as error:
        return Unseen(f"{table.path} cannot be read: {error.strerror}")
    if raw is None or stat is None:
        absent = FileFacts(path=table.path, exists=False, required=bool(table.default), schemas=table.schemas)
        return Seen(absent, now_s)
    content, fault = parse(raw)
    facts = FileFacts(
        path=table.path,
        exists=True,
        size_bytes=stat.st_size,
        modified_at_s=stat.st_mtime,
        content=content,
        fault=fault,
        updated_at_s=_updated_at(content, table),
        entries=_entries(content, table),
        required=bool(table.default),
        schemas=table.schemas,
    )
    return Seen(facts, now_s)


def _read(path: Path) -> bytes | None:
    """The content; None where the file does not exist."""
    try:
        return read_plain(path)
    except (FileNotFoundError, NotADirectoryError):
        return None


def parse(raw: bytes) -> tuple[Any, str]:
    """The JSON value of `raw`, and why it is none; JSON lines parse as the list of their lines."""
    if not raw.strip():
        return None, "the file is empty"
    try:
        return msgspec.json.decode(raw), ""
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        first = error
    try:
        return msgspec.json.Decoder().decode_lines(raw), ""
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None, f"not JSON: {first}"


def field(content: Any, dotted: str) -> Any:
    """The value at a dotted path (`_metadata.last_update`), or None."""
    for key in dotted.split("."):
        if not isinstance(content, dict):
            return None
        content = content.get(key)
    return content


def as_time(value: Any) -> float | None:
    """Unix seconds from unix seconds, milliseconds or ISO 8601 with a zone; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        try:
            return value / 1000.0 if value > 1e11 else float(value)
        except OverflowError:
            return None  # a whole number of some hundred digits is no time
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
        return moment.timestamp() if moment.tzinfo else None
    return None


def _updated_at(content: Any, table: FileTable) -> float | None:
    return as_time(field(content, table.updated_at)) if table.updated_at else None


def _entries(content: Any, table: FileTable) -> int | None:
    held = field(content, table.entries) if table.entries else content
    if isinstance(held, dict):
        return len(held) - (table.metadata in held)
    return len(held) if isinstance(held, list) else None
