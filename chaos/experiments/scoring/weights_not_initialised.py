"""FP-2.1: the weights file has lost bands; the others have learned something worth keeping."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos.faults.file_write import write_file
from harness.lab.bench import Bench
from harness.observe.files import field
from harness.vocabulary.roles import File

LOST = 3
LEARNED = 1.02
"""A multiplier that no default has, near enough to 1 that the golden signal scores as before."""


@contextmanager
def fault(bench: Bench) -> Iterator[Path]:
    """Drop the last bands of the file; the first has learned another multiplier, and everything else stays."""
    path = bench.path(File.SIGNAL_WEIGHTS)
    content = json.loads(path.read_bytes())
    bands = field(content, bench.deployment.file(File.SIGNAL_WEIGHTS).entries)
    for name in list(bands)[-LOST:]:
        del bands[name]
    bands[next(iter(bands))]["multiplier"] = LEARNED
    with write_file(path, json.dumps(content)):
        yield path
