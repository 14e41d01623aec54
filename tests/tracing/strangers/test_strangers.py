"""Three hundred strangers: none is misread, none behaves differently under the probe."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.tracing.strangers.elsewhere import ROOT
from tests.tracing.strangers.generate import generate
from tests.tracing.strangers.judge import probed, shown, wrong
from tests.tracing.strangers.oracle import disagreement, unprobed
from tests.tracing_host.bots import interpreters

SEEDS = range(300)


@pytest.mark.parametrize("seed", SEEDS)
def test_generator_and_watched_run_agree(seed: int) -> None:
    """The generator's knowledge of what drops each signal is what the unprobed function does under `sys.settrace`."""
    stranger = generate(seed)

    assert disagreement(stranger, unprobed(stranger)) == "", shown(stranger, [])


@pytest.mark.parametrize("seed", SEEDS)
def test_no_wrong_blocker_and_no_lost_signal(seed: int) -> None:
    """For each signal the trace names the line and value that ended it, and ends no signal that was sent."""
    stranger = generate(seed)
    problems = wrong(stranger, probed(stranger)[1])

    assert problems == [], shown(stranger, problems)


@pytest.mark.parametrize("mode", ["gates", "exits"])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_probe_changes_nothing(seed: int, mode: str) -> None:
    """Return value, exception, orders, log and the signals themselves are the same with and without the probe."""
    stranger = generate(seed)

    assert probed(stranger, mode)[0].same_as(unprobed(stranger)), shown(stranger, ["it behaves differently"])


def test_the_strangers_are_of_every_kind() -> None:
    """Every kind of obstacle, every way to drop a whole list, and signals that pass, occur many times."""
    strangers = [generate(seed) for seed in SEEDS]
    counts: dict[str, int] = {}
    for stranger in strangers:
        for kind in stranger.kinds:
            counts[kind] = counts.get(kind, 0) + 1

    assert len(counts) >= 33
    assert min(counts.values()) >= 8
    assert sum(len(stranger.signals) - len(stranger.drops) for stranger in strangers) > 300


@pytest.mark.parametrize("python", interpreters())
def test_every_python_reads_the_same(python: str) -> None:
    """On each Python at hand the probe changes nothing, and its records are read right."""
    command = [python, str(ROOT / "tests/tracing/strangers/elsewhere.py"), "0", "100"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True, timeout=50).stdout.splitlines()
    played = [json.loads(line) for line in lines]

    assert len(played) == 100
    for one in played:
        stranger = generate(one["seed"])
        problems = wrong(stranger, one["record"]) + ([] if one["same"] else ["it behaves differently"])

        assert problems == [], shown(stranger, problems)
