"""What a call may name, and what its fork sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.tracing.host import Call, CanaryHost
from tests.tracing_host.bots import hosted
from tests.tracing_host.canary_bot import run

SIGNALS = [{"symbol": "AAPL", "score": 3.5}, {"symbol": "MSFT", "score": 2.0}]


def test_function_gets_signals_and_references(host: CanaryHost) -> None:
    """Signals and objects of the bot stand where the call's words stand."""
    answer = run(host, "decide", signals=SIGNALS, args=["$signals"], kwargs={"limit": "$ref:trader:LIMIT"})

    assert (answer.outcome, answer.returned, answer.isolation) == ("returned", "['AAPL']", "mount namespace")


def test_method_of_an_instance_is_called_with_objects(host: CanaryHost) -> None:
    """A bot whose decide is a method, and whose signals are objects, is called as it calls itself."""
    answer = run(
        host,
        "Desk.decide",
        instance="$call:trader:make_desk",
        signal_factory="trader:Cluster",
        signals=SIGNALS,
        args=["$signals"],
        kwargs={"limit": 1.0},
    )

    assert answer.returned == "['AAPL', 'MSFT']"


def test_a_signal_may_be_handed_over_alone(host: CanaryHost) -> None:
    """A bot that decides on one signal at a time is given the signal, and no list."""
    assert run(host, "decide_one", signals=SIGNALS, args=["$signal"]).returned == "'AAPL'"


def test_coroutine_is_run(host: CanaryHost) -> None:
    """An async decide function is awaited, not merely called."""
    assert run(host, "decide_async", signals=SIGNALS, args=["$signals"]).returned == "2"


@pytest.mark.parametrize("target", ["trader:no_such", "no_such:decide", "trader"])
def test_call_that_names_nothing_is_told(host: CanaryHost, target: str) -> None:
    """A target that the bot does not have is no run: not loaded, and named."""
    answer = host.run(Call(target=target), deadline_s=5.0)

    assert answer.outcome == "not loaded"
    assert target in answer.detail


def test_signal_that_cannot_be_made_is_told(host: CanaryHost) -> None:
    """A signal without a field that the bot's class wants is no fault of the bot's code, and the class is named."""
    answer = run(host, "decide", signals=[{"symbol": "AAPL"}], signal_factory="trader:Cluster", args=["$signals"])

    assert answer.outcome == "not sent"
    assert "the golden signal cannot be made: trader:Cluster, given symbol, raised TypeError" in answer.detail


def test_output_is_kept(host: CanaryHost) -> None:
    """Whatever a fork writes to either stream is in its run."""
    output = run(host, "talk").output

    assert {"to stdout", "to stderr", "by descriptor"} <= set(output.replace("descriptor", "descriptor\n").split("\n"))


def test_closed_output_is_no_trouble(host: CanaryHost) -> None:
    """A bot may close its streams."""
    assert run(host, "close_output").returned == "'quiet'"


def test_seed_decides_chance(host: CanaryHost) -> None:
    """The same seed is the same run, another one is not."""
    same, again, other = (run(host, "dice", seed=seed).returned for seed in (1, 1, 2))

    assert same == again != other


NUMPY = """
    import sys
    from importlib.util import LazyLoader, find_spec, module_from_spec

    spec = find_spec("numpy")
    spec.loader = LazyLoader(spec.loader)
    numpy = sys.modules["numpy"] = module_from_spec(spec)
    spec.loader.exec_module(numpy)
    if {loaded}: numpy.random

    def decide():
        if "numpy.random" not in sys.modules: return "not loaded"
        return numpy.random.random()
"""


def test_seed_decides_numpys_chance_too(tmp_path: Path) -> None:
    """The same seed is the same number where the bot has loaded numpy; where it would only on first use, it stays
    unloaded."""
    for place in ("used", "unused"):
        (tmp_path / place).mkdir()
    with hosted(tmp_path / "used", NUMPY.replace("{loaded}", "True")) as host:
        same, again, other = (run(host, "decide", seed=seed).returned for seed in (1, 1, 2))
    with hosted(tmp_path / "unused", NUMPY.replace("{loaded}", "False")) as host:
        untouched = run(host, "decide", seed=1).returned

    assert same == again != other
    assert untouched == "'not loaded'"


def test_environment_of_a_call_is_its_own(host: CanaryHost) -> None:
    """A call's extra environment is seen in its fork and not in the next."""
    assert run(host, "environment", env={"EXTRA": "here"}).returned == "'here'"
    assert run(host, "environment").outcome == "raised"


def test_process_that_the_bot_forks_is_its_own(host: CanaryHost) -> None:
    """os._exit in a process that the bot forked ends that process only."""
    assert run(host, "fork_and_leave").returned == "9"


def test_repr_that_raises_is_contained(host: CanaryHost) -> None:
    """A returned object that cannot be shown does not spoil the run."""
    answer = run(host, "rude")

    assert answer.outcome == "returned"
    assert "Rude" in answer.returned
