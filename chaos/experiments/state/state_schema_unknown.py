"""FP-5.10: the bot was rolled back, and its freezes were written by the newer version."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos.faults.file_age import set_json_field
from harness.lab.bench import Bench
from harness.vocabulary.roles import File


@contextmanager
def fault(bench: Bench) -> Iterator[Path]:
    """Give the governor's freezes the next schema number; everything else in the file stays in good order."""
    path = bench.path(File.FREEZES)
    newer = json.loads(path.read_bytes())["schema"] + 1
    with set_json_field(path, "schema", newer):
        yield path
