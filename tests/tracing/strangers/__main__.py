"""`python -m tests.tracing.strangers SEED [SEED ...]`: replay strangers and print what is wrong about each."""

from __future__ import annotations

import sys

from tests.tracing.strangers.generate import generate
from tests.tracing.strangers.judge import probed, shown, wrong
from tests.tracing.strangers.oracle import disagreement, unprobed


def main(seeds: list[int]) -> int:
    """Replay; 1 when any seed is wrong."""
    failed = 0
    for seed in seeds:
        stranger = generate(seed)
        truth = unprobed(stranger)
        seen, raw = probed(stranger)
        problems = [text for text in (disagreement(stranger, truth),) if text]
        if not seen.same_as(truth):
            problems.append("with the probe it behaves differently")
        problems += wrong(stranger, raw)
        if problems:
            failed += 1
            print(shown(stranger, problems))
    print(f"{len(seeds) - failed} of {len(seeds)} strangers are read right")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main([int(seed) for seed in sys.argv[1:]]))
