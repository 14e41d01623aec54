"""FP-3.7: the first canary symbol's cooldown is stamped an hour ahead, as after a clock that was set back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos.faults.file_write import write_file
from harness.lab.bench import Bench
from harness.vocabulary.roles import File

AHEAD_S = 3600.0


@contextmanager
def fault(bench: Bench) -> Iterator[Path]:
    """Write the stamp into the bot's record, in the form that the bot writes it; what else stands there stays."""
    path = bench.path(File.COOLDOWNS)
    recorded = json.loads(path.read_bytes())["cooldowns"]
    ahead = {bench.deployment.toml.canary.symbols[0]: bench.clock.now() + AHEAD_S}
    with write_file(path, json.dumps({"schema": 1, "cooldowns": {**recorded, **ahead}})):
        yield path
