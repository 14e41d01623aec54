"""FP-1.6: Unusual Whales answers 429 to the bot's key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from fp_tests.story import Detects, FaultOf, Recovers, healed, not_ok_in_time, point, provider_asked
from harness.drill.steps import consequences, golden, not_ok
from harness.failure_points.data.uw_rate_limited import ProviderRate
from harness.healing import Outcome
from harness.lab.bench import Bench
from harness.vocabulary import Stage, Status
from harness.vocabulary.roles import File, Limit, Service

POINT = point("FP-1.6")
REFUSED_POLLS = 4
WITHIN_S = 5.0


@pytest.fixture
def fault(healthy_bench: Bench, fault_of: FaultOf) -> Iterator[ExitStack]:
    """The bot's own key, sent by another client, is told to wait."""
    with ExitStack() as stack:
        stack.enter_context(fault_of(POINT.name))
        answer = provider_asked(healthy_bench)
        assert (answer.status_code, answer.headers["x-uw-req-per-minute-remaining"]) == (429, "0")
        yield stack


def logged(bench: Bench) -> list[dict[str, Any]]:
    """The whole lines of the daemon's log, oldest first."""
    raw = (bench.deployment.root / bench.deployment.service(Service.FLOW_DAEMON).log).read_bytes()
    return [json.loads(line) for line in raw.splitlines(keepends=True) if line.endswith(b"\n")]


def in_a_row(bench: Bench) -> list[dict[str, Any]]:
    """The newest lines of the daemon's log, as far back as they say that it was refused, oldest first."""
    rows = logged(bench)
    polled = [place for place, row in enumerate(rows) if row["event"] == "polled"]
    return [row for row in rows[polled[-1] :] if row["event"] == "rate_limited"]


def test_detect(healthy_bench: Bench, fault: ExitStack, detects: Detects) -> None:
    """The provider's own answer and its headers are the evidence; the cache is young, so nothing else is in error."""
    found = detects(POINT)
    evidence = found.finding.evidence

    assert found.status is Status.ERROR
    assert isinstance(evidence, ProviderRate)
    assert (evidence.status, evidence.message) == (429, "Minute Request Limit Hit")
    assert evidence.minute_left_share == 0.0
    assert evidence.day_left_share is not None
    assert evidence.day_left_share > 0.9
    assert not_ok(healthy_bench) == {"FP-1.6"}


def test_detect_later(healthy_bench: Bench, fault: ExitStack) -> None:
    """The daemon has nothing to write, so the cache ages past its limit: a declared consequence."""
    healthy_bench.clock.advance(healthy_bench.deployment.limits[Limit.FLOW_CACHE_AGE_S] + 1.0)
    expected = {"FP-1.6", "FP-1.3"}

    assert not_ok_in_time(healthy_bench, expected) == expected
    assert consequences(POINT) == {"FP-1.2", "FP-1.3", "FP-1.4"}


def test_blocks(healthy_bench: Bench, fault: ExitStack) -> None:
    """The golden rows stand at the provider, which gives them to nobody."""
    canary = golden(healthy_bench, POINT)

    assert (canary.traded, canary.stage, canary.orders) == (False, Stage.PROVIDER, ())
    assert "answers 429" in canary.reason


def test_heal(healthy_bench: Bench, fault: ExitStack) -> None:
    """It is left to the bot, which waits longer each time, never less than it is told, and halves its rate."""
    done = healed(healthy_bench, POINT)
    told_s = 60.0 / healthy_bench.deployment.toml.pace.factor
    enough = healthy_bench.wait(lambda: len(in_a_row(healthy_bench)) >= REFUSED_POLLS, WITHIN_S)
    refused = in_a_row(healthy_bench)[:REFUSED_POLLS]
    rates = [row["per_minute"] for row in refused]

    assert (done.outcome, done.did, done.touched) == (Outcome.LEFT_TO_BOT, "", set())
    assert enough
    assert min(row["wait_s"] for row in refused) >= told_s
    assert refused[-1]["wait_s"] > refused[0]["wait_s"]
    assert rates[1:] == [rate // 2 for rate in rates[:-1]]


def test_recover(healthy_bench: Bench, fault: ExitStack, recovers: Recovers) -> None:
    """When it is asked seldom enough again, the daemon polls, the cache is fresh, and its rate is the full one."""
    healthy_bench.wait(lambda: len(in_a_row(healthy_bench)) >= REFUSED_POLLS, WITHIN_S)
    slowed = in_a_row(healthy_bench)[-1]["per_minute"]
    full = next(row["per_minute"] for row in logged(healthy_bench) if row["event"] == "started")
    fault.close()
    lifted_at_s, asked = healthy_bench.clock.now(), len(healthy_bench.world.provider_traffic())
    recovery = recovers(POINT)
    since = {request.status for request in healthy_bench.world.provider_traffic()[asked:]}
    updated_at_s = healthy_bench.observe().files[File.FLOW_CACHE].value.updated_at_s

    assert recovery.complete, recovery
    assert since <= {200, None}
    assert updated_at_s is not None
    assert updated_at_s > lifted_at_s
    assert slowed < full
    assert healthy_bench.wait(lambda: logged(healthy_bench)[-1].get("per_minute") == full, WITHIN_S)
