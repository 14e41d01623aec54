"""The journal: every act and every decision not to act, as JSON lines, before and after. 0600, appended, fsynced."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec


class Journal:
    """An append-only JSONL file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, entry: dict[str, Any]) -> None:
        """Append one entry; it is on disk when this returns. Raises `OSError` where it cannot be written: a healer
        whose acts leave no record must not act."""
        line = msgspec.json.encode(entry, enc_hook=str) + b"\n"
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, line)
            os.fsync(handle)
        finally:
            os.close(handle)

    def entries(self) -> list[dict[str, Any]]:
        """Everything in it, oldest first."""
        if not self.path.exists():
            return []
        decoder = msgspec.json.Decoder(dict[str, Any])
        return [decoder.decode(line) for line in self.path.read_bytes().splitlines() if line.strip()]
