"""FP-3.8: three losses raised the entry threshold most of a day ago, and the weights have learned from them too.

With the weights of a new bot the golden signal is better than even the raised threshold asks for; weights that trust
their flow less put it between the two, where a raise is felt.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos.faults.file_write import write_file
from harness.lab.bench import Bench
from harness.observe.files import field
from harness.vocabulary.roles import File, Limit

LOSSES = 3
LEFT_S = 600.0
"""The raise has so long to run: the session does not end before it does."""
LEARNED = 0.8


@contextmanager
def fault(bench: Bench) -> Iterator[Path]:
    """Write the raise as the bot writes it, and a lower multiplier into every band, within its bounds."""
    path, weights = bench.path(File.RAISED_THRESHOLD), bench.path(File.SIGNAL_WEIGHTS)
    raised_at_s = bench.clock.now() - bench.deployment.limits[Limit.RAISED_THRESHOLD_S] + LEFT_S
    raised = json.dumps({"schema": 1, "consecutive_losses": LOSSES, "raised_at": raised_at_s})
    learned = json.loads(weights.read_bytes())
    for band in field(learned, bench.deployment.file(File.SIGNAL_WEIGHTS).entries).values():
        band["multiplier"] = LEARNED
    with write_file(weights, json.dumps(learned)), write_file(path, raised):
        yield path
