"""The recorder: one flat list of events, each a tuple that begins with a site's number and an activation's number.

Recording is off until `start`, and then on until `finish`. The rewritten functions reach this through `Door`, which
stands among the builtins under one name.
"""

from __future__ import annotations

import time
from typing import Any

from . import raised, sites
from .door import DOOR, stand
from .follow import Signals
from .hot import LIMIT
from .render import plain_event


class Recorder:
    """One recorded run."""

    def __init__(
        self, signals: list[Any] | None, identity: list[str], lineage: dict[str, list[str]], mode: str
    ) -> None:
        self.events: list[tuple[Any, ...]] = []
        self.signals = Signals(signals, identity)
        self.lineage = lineage
        self.mode = mode
        self.activations = 0
        self.dropped = 0
        self.notes: list[str] = []
        self.started = time.perf_counter()

    def trim(self) -> None:
        """Drop what is beyond the limit, so that a loop that never ends does not fill the memory."""
        extra = len(self.events) - LIMIT
        if extra > 0:
            self.dropped += extra
            del self.events[LIMIT:]

    def finish(self, outcome: str, error: BaseException | None = None, known: int = 0) -> dict[str, Any]:
        """Stop recording and return the record: JSON-able, bounded. Never raises.

        The reader of the record has the first `known` sites: of them it gets the numbers only, under `known`.
        """
        duration = time.perf_counter() - self.started
        if DOOR.recorder is self:
            DOOR.close()
        record: dict[str, Any] = {
            "v": 1,
            "mode": self.mode,
            "outcome": outcome,
            "error": None,
            "sites": {},
            "known": [],
            "events": [],
            "dropped": 0,
            "signals": self.signals.labels,
            "given": self.signals.given,
            "carriers": [],
            "lineage": self.lineage,
            "notes": [*NOTES, *self.notes],
            "duration_s": duration,
        }
        try:
            record["error"] = raised.describe(error) if error is not None else None
            self._fill(record, known)
        except Exception as flaw:  # noqa: BLE001 - the bot's own outcome must get out whatever is wrong with the trace
            record["notes"].append(f"the trace could not be written: {type(flaw).__name__}: {flaw}")
        return record

    def _fill(self, record: dict[str, Any], known: int) -> None:
        self.trim()
        events = [plain_event(event) for event in list(self.events)]
        used = {event[0] for event in events if event[0] >= 0}
        functions = {sites.SITES[number].get("fn", number) for number in used}
        needed = _needed(used, functions)
        record.update(
            sites={str(number): sites.SITES[number] for number in needed if number >= known},
            known=[number for number in needed if number < known],
            events=events,
            dropped=self.dropped,
            carriers=sites.carriers(),
        )


def _needed(used: set[int], functions: set[int]) -> list[int]:
    """The sites that were met, and all conditions and exits of the functions that were entered."""
    kept = ("cond", "match", "exit", "ret", "act", "handler", "loop", "comp", "flag", "lambda", "yield", "bind")
    met = used | functions
    for function in functions:
        met.update(number for number in sites.OF_FUNCTION.get(function, ()) if sites.SITES[number]["k"] in kept)
    return sorted(met)


NOTES: list[str] = []
MODE = {"mode": "gates"}


def start(*, signals: list[Any] | None, identity: list[str], lineage: dict[str, list[str]] | None = None) -> Recorder:
    """Begin to record.

    `signals`: the signals that are about to go in (None: they come from inside, and every object with an identity key
    is one). `identity`: the keys or attributes that name a signal. `lineage`: the names under which each followed value
    appears in the source. Call `finish` on what is returned.
    """
    recorder = Recorder(signals, identity, lineage or {}, MODE["mode"])
    stand()
    DOOR.open(recorder)
    return recorder
