"""A healthy bench for every test of this folder, with the real Toxiproxy on the wire where there is one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from chaos.capabilities import probe
from chaos.experiments import inject
from chaos.wire.server import ToxiproxyServer
from chaos.wire.toxiproxy_wire import ToxiproxyWire
from fp_tests import proof_log
from fp_tests.story import Detects, FaultOf, Recovers, Recovery
from harness.deployment import load
from harness.drill import BenchInStock
from harness.drill.steps import golden, not_ok
from harness.drill.stock import healthy
from harness.failure_point import FailurePoint, Judged
from harness.healing import Journal, Outcome
from harness.lab.bench import Bench
from harness.lab.ports import DirectWire, Wire
from harness.readiness.judging import await_status
from harness.vocabulary import Status

BOT = Path(__file__).resolve().parents[1] / "bot" / "bot.toml"

pytest_configure = proof_log.pytest_configure


@pytest.fixture(scope="session")
def wire_maker() -> Iterator[Callable[[], Wire]]:
    """One Toxiproxy server for this test process; direct wires where there is none, and then the tests that need it
    are UNVERIFIED."""
    if not probe("toxiproxy").present:
        yield DirectWire
        return
    with ToxiproxyServer() as server:
        yield partial(ToxiproxyWire, server)


@pytest.fixture(scope="session")
def bench_in_stock(wire_maker: Callable[[], Wire]) -> Iterator[BenchInStock]:
    with BenchInStock(load(BOT), wire_maker) as stock:
        yield stock


@pytest.fixture(scope="module")
def warm_bench(bench_in_stock: BenchInStock) -> Bench:
    """The reference bot in a lab, from its declared defaults, as if nobody had been there."""
    return bench_in_stock.as_new()


@pytest.fixture
def healthy_bench(warm_bench: Bench) -> Bench:
    """The module's bench, with every point OK: what a test left behind would be seen here."""
    assert healthy(warm_bench), f"not OK: {not_ok(warm_bench)}"
    return warm_bench


@pytest.fixture
def fault_of(healthy_bench: Bench, request: pytest.FixtureRequest) -> FaultOf:
    """A failure point's name in, its real fault on the bench out. What is not OK when a test of detection is done
    goes into the test's record as `not_ok`."""
    return partial(_inject, healthy_bench, request.node)


@contextmanager
def _inject(made: Bench, test: pytest.Item, name: str) -> Iterator[Any]:
    with inject(name, made) as broken:
        try:
            yield broken
        finally:
            if test.name.startswith("test_detect"):
                test.user_properties.append(("not_ok", sorted(not_ok(made))))


@pytest.fixture
def detects(healthy_bench: Bench, record_property: Callable[[str, object], None]) -> Detects:
    """Look until a point says ERROR; how long it took goes into the test's record as `detect_s`."""

    def ask(point: FailurePoint) -> Judged:
        started_s = time.monotonic()
        judged = await_status(healthy_bench, point, Status.ERROR)
        record_property("detect_s", time.monotonic() - started_s)
        return judged

    return ask


@pytest.fixture
def recovers(healthy_bench: Bench, record_property: Callable[[str, object], None]) -> Recovers:
    """Look until a point says OK, and send a golden signal; the time to its order goes into the test's record as
    `first_order_s`, and how long the remedy took before, where there is one, as `heal_s`."""

    def ask(point: FailurePoint) -> Recovery:
        record_property("heal_s", _healed_s(healthy_bench, point))
        started_s = time.monotonic()
        judged = await_status(healthy_bench, point, Status.OK)
        canary = golden(healthy_bench, point, nth=1)
        took_s = time.monotonic() - started_s
        record_property("first_order_s", took_s)
        return Recovery(status=judged.status, canary=canary, in_time=took_s <= point.sheet.recovers_within_s)

    return ask


def _healed_s(made: Bench, point: FailurePoint) -> float | None:
    """From the last remedy's start to the look that said OK; None where the controller had nothing to do."""
    noted = [entry for entry in Journal(made.folder / "healing.jsonl").entries() if entry["point"] == point.sheet.id]
    if len(noted) < 2 or noted[-1].get("outcome") != Outcome.HEALED:
        return None
    took_s: float = noted[-1]["at_s"] - noted[-2]["at_s"]
    return took_s
