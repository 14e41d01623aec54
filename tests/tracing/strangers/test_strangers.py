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
def test_no_stranger_is_misread_and_none_is_changed(seed: int) -> None:
    """The generator's knowledge of what drops each signal is what the bare function does under `sys.settrace`; for
    each signal the trace names the line and value that ended it, and ends none that was sent; and return value,
    exception, orders, log and the signals themselves are the same without the probe and with either mode of it."""
    stranger = generate(seed)
    bare = unprobed(stranger)
    seen, raw = probed(stranger)
    problems = wrong(stranger, raw)

    assert disagreement(stranger, bare) == "", shown(stranger, [])
    assert problems == [], shown(stranger, problems)
    assert seen.same_as(bare), shown(stranger, ["it behaves differently when its gates are recorded"])
    assert probed(stranger, "exits")[0].same_as(bare), shown(stranger, ["it behaves differently in exits mode"])


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
