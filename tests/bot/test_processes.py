"""The bot as it is deployed: three processes that share only files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from fixtures.clock import VirtualClock
from fixtures.script import Hang
from harness.lab.clock import faketime_library
from tests.bot.conftest import SESSION, World, patience, world_at

pytestmark = pytest.mark.needs("libfaketime")

ROOT = Path(__file__).parents[2]
PACE = {
    "CYCLE_INTERVAL_S": "0.1",
    "UW_POLL_INTERVAL_S": "0.1",
    "HEARTBEAT_INTERVAL_S": "0.1",
    "HEALTH_INTERVAL_S": "0.1",
    "UW_REQUESTS_PER_MINUTE": "60000",
}
_never = threading.Event()
COMMANDS = ("daemon", "run", "heartbeat")


@pytest.fixture
def open_world(tmp_path: Path) -> Iterator[World]:
    """A world whose clock stands in a session, while this process stays in its own time."""
    root = tmp_path / "home"
    root.mkdir()
    with world_at(root, VirtualClock(SESSION.timestamp() - time.time())) as made:
        yield made


@contextmanager
def process(world: World, command: str, **changes: str) -> Iterator[subprocess.Popen[str]]:
    """One process of the bot, at the world's clock."""
    clean = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    environment = {
        **clean,
        **world.environment,
        **PACE,
        "LD_PRELOAD": str(faketime_library()),
        "FAKETIME": f"{world.clock.now() - time.time():+.3f}s",
        "DONT_FAKE_MONOTONIC": "1",
        **changes,
    }
    started = subprocess.Popen(
        [sys.executable, "-m", "bot", command],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield started
    finally:
        if started.poll() is None:
            started.kill()
        started.communicate(timeout=5)


def wait_for(what: str, condition: Callable[[], Any], processes: list[subprocess.Popen[str]], within_s: float) -> Any:
    """Poll until the condition holds; a process that ends meanwhile fails the test with its last words."""
    ends_at = time.monotonic() + within_s
    while time.monotonic() < ends_at:
        if met := condition():
            return met
        for one in processes:
            if one.poll() is not None:
                pytest.fail(f"{one.args!r} ended with {one.returncode} while waiting for {what}: {one.stderr!r}")
        _never.wait(0.01)
    pytest.fail(f"no {what} within {within_s} s")


def health(world: World) -> dict[str, Any]:
    path = world.home.state / "health.json"
    return json.loads(path.read_bytes()) if path.exists() else {}


def test_three_processes_trade_a_golden_publication_and_stop_at_once(open_world: World) -> None:
    """Daemon, loop and heartbeat start from nothing, trade published rows once, are green, and end within a second."""
    world = open_world
    with ExitStack() as stack:
        processes = [stack.enter_context(process(world, command)) for command in COMMANDS]
        wait_for("green health", lambda: health(world).get("light") == "green", processes, 20)
        assert world.parents() == []
        stack.enter_context(world.golden_flow("AAPL"))
        wait_for("order", world.parents, processes, 10)
        cycles = health(world)["parts"]["trading_loop"]["cycles"]
        wait_for(
            "three more cycles",
            lambda: health(world)["parts"]["trading_loop"]["cycles"] >= cycles + 3,
            processes,
            10,
        )
        began = time.monotonic()
        for one in processes:
            one.send_signal(signal.SIGTERM)
        codes = [one.wait(timeout=5) for one in processes]
        took_s = time.monotonic() - began

    assert codes == [0, 0, 0]
    assert took_s < 1.0 * patience()
    (order,) = world.parents()
    assert (order.symbol, order.side, order.order_class) == ("AAPL", "buy", "bracket")


@pytest.mark.parametrize(("command", "again"), [("daemon", "daemon"), ("run", "run"), ("run", "once")])
def test_a_second_process_of_a_kind_refuses_to_start(open_world: World, command: str, again: str) -> None:
    """Two loops would each send the same order; the second one says which process is there, and exits with 2."""
    with process(open_world, command) as first:
        name = {"daemon": "heartbeat_uw_daemon.json", "run": "heartbeat_trading_loop.json"}[command]
        wait_for("heartbeat", (open_world.home.state / name).exists, [first], 20)
        with process(open_world, again) as second:
            second.wait(timeout=20)
            words = second.stderr.read() if second.stderr else ""

    assert second.returncode == 2
    assert f"another process (pid {first.pid}) holds" in words
    assert "Traceback" not in words


@pytest.mark.parametrize("command", ["daemon", "run"])
def test_a_missing_key_ends_the_start_with_one_sentence(open_world: World, command: str) -> None:
    """Exit code 2, the variable's name, no traceback."""
    with process(open_world, command, UW_API_KEY="") as started:
        started.wait(timeout=20)
        words = started.stderr.read() if started.stderr else ""

    assert started.returncode == 2
    assert words == f"bot {command}: UW_API_KEY is not set; export it before starting the bot.\n"


def test_a_loop_stopped_in_the_middle_of_a_call_ends_at_once(open_world: World) -> None:
    """The venue hangs, the loop waits for it, and SIGTERM still ends it within a second."""
    world = open_world
    with ExitStack() as stack:
        hang = stack.enter_context(world.venue.script.rule(Hang(), path="/v2/clock"))
        stack.enter_context(world.golden_flow("AAPL"))
        processes = [stack.enter_context(process(world, command)) for command in ("daemon", "run")]
        wait_for("hanging call", lambda: hang.hits, processes, 20)
        began = time.monotonic()
        processes[1].send_signal(signal.SIGTERM)
        code = processes[1].wait(timeout=5)
        took_s = time.monotonic() - began

    assert code == 0
    assert took_s < 1.0 * patience()
    assert world.parents() == []


def test_a_loop_killed_after_its_order_was_accepted_adopts_it(open_world: World) -> None:
    """The answer never came and the process died: the next one asks by id, adopts the order, and sends no second."""
    world = open_world
    with ExitStack() as stack:
        daemon = stack.enter_context(process(world, "daemon"))
        stack.enter_context(world.golden_flow("AAPL"))
        with world.venue.script.rule(Hang(accepted=True), method="POST", path="/v2/orders"):
            first = stack.enter_context(process(world, "run"))
            wait_for("order", world.parents, [daemon, first], 20)
            first.kill()
            first.wait(timeout=5)
        second = stack.enter_context(process(world, "run"))
        log = world.home.state / "intents.jsonl"
        wait_for("adoption", lambda: '"event":"accepted"' in log.read_text(), [daemon, second], 20)
        heart = world.home.state / "heartbeat_trading_loop.json"
        cycles = json.loads(heart.read_bytes())["cycles"]
        wait_for("three cycles", lambda: json.loads(heart.read_bytes())["cycles"] >= cycles + 3, [daemon, second], 10)

    assert len(world.parents()) == 1


def test_the_heartbeat_is_not_green_without_the_others(open_world: World) -> None:
    """Nobody else runs: unknown, not green; and it says what it could not see."""
    with process(open_world, "heartbeat") as alone:
        found = wait_for("health", lambda: health(open_world), [alone], 20)

    assert found["light"] == "unknown"
    assert {part["reason"] for part in found["parts"].values()} == {"no readable heartbeat"}


def test_once_feeds_trades_and_ends(open_world: World) -> None:
    """`python -m bot once` is a whole cycle with its own feed."""
    with open_world.golden_flow("AAPL"), process(open_world, "once") as started:
        assert started.wait(timeout=20) == 0

    assert len(open_world.parents()) == 1
