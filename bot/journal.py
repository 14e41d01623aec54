"""The bot's own log: one JSON object per line, with a level, an event and its facts. Never a secret."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bot.durable.lines import append_line

Fact = str | int | float | bool | None | list[str]


@dataclass(frozen=True, slots=True)
class Journal:
    """Writes to one log file. When it cannot be written that is said on stderr, and the work goes on."""

    path: Path

    def info(self, event: str, **facts: Fact) -> None:
        """Something happened as it should."""
        self._write("info", event, facts)

    def warning(self, event: str, **facts: Fact) -> None:
        """Something is off, and the bot goes on."""
        self._write("warning", event, facts)

    def error(self, event: str, **facts: Fact) -> None:
        """Something failed, and somebody should look."""
        self._write("error", event, facts)

    def _write(self, level: str, event: str, facts: dict[str, Fact]) -> None:
        try:
            append_line(self.path, {"at": time.time(), "level": level, "event": event, **facts}, sync=False)
        except OSError as error:
            # Orders have their own log, which is not allowed to fail; this one only tells the story.
            print(f"{self.path} cannot be written ({error}): {level} {event}", file=sys.stderr)
