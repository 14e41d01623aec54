"""FP-3.10: somebody has set the kill switch by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos.faults.file_write import write_file
from harness.lab.bench import Bench
from harness.vocabulary.roles import File

REASON = "orders at the venue that nobody can explain"


@contextmanager
def fault(bench: Bench) -> Iterator[Path]:
    """Set the switch, in the form that the bot writes it."""
    path = bench.path(File.KILL_SWITCH)
    switch = {"schema": 1, "active": True, "reason": REASON, "since": bench.clock.now()}
    with write_file(path, json.dumps(switch)):
        yield path
