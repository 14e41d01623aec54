"""FP-3.1: the governor has frozen trading for an hour, as it does after a bad day."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos.faults.file_write import write_file
from harness.lab.bench import Bench
from harness.vocabulary.roles import File

FROZEN_FOR_S = 3600.0


@contextmanager
def fault(bench: Bench) -> Iterator[Path]:
    """Write an active performance freeze into the governor's file, in the form that the bot writes it."""
    path = bench.path(File.FREEZES)
    now_s = bench.clock.now()
    freeze = {"active": True, "reason": "daily loss limit", "since": now_s, "until": now_s + FROZEN_FOR_S}
    with write_file(path, json.dumps({"schema": 1, "freezes": {"performance": freeze}})):
        yield path
