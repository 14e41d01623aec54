"""The reports of one verdict on disk: for their owner alone, whole or not there, and without secrets."""

from __future__ import annotations

import os
import secrets as chance
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from harness.report.encode import encode
from harness.report.redact import redact
from harness.verdict.document import Document

VERDICT = "verdict.json"
READINESS = "readiness.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Where the reports were written."""

    verdict: Path
    readiness: Path


def write_reports(document: Document, folder: Path, *, secrets: Mapping[str, str] | None = None) -> Paths:
    """Write `verdict.json` and `readiness.html` into `folder` (made 0700 where missing; files 0600).

    `secrets` maps names to values: each value, in whatever spelling, is told as `[secret NAME]`. The page is
    rendered before anything is written, and the verdict is written last: where it stands, its page stands too.
    Raises OSError.
    """
    from harness.report.page import render

    told = redact(document, secrets or {})
    paths = Paths(verdict=folder / VERDICT, readiness=folder / READINESS)
    page, verdict = render(told).encode("utf-8"), encode(told)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write(paths.readiness, page)
    _write(paths.verdict, verdict)
    return paths


def _write(path: Path, data: bytes) -> None:
    """Write a sibling, sync it, rename it over `path`: a reader sees the old report or the new one, never a part."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{chance.token_hex(4)}.tmp")
    try:
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except BaseException:
        with suppress(FileNotFoundError):  # it was never made, or has already become the report
            draft.unlink()
        raise
