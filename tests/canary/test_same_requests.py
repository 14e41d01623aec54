"""To the venue a probed bot is the same bot: it is asked the same things, in the same order, with the same bodies."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.canary.golden import filled
from harness.canary.send import _call
from harness.deployment import load
from harness.lab.bench import Bench, bench, host_plan
from harness.tracing.host import CanaryHost
from tests.canary.attached import attached

BOT = Path(__file__).resolve().parents[2] / "bot" / "bot.toml"
OWN_TO_EACH_RUN = ("client_order_id",)


@pytest.fixture(params=["reference", "trades_rightly", "orders_twice", "orders_and_crashes"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """The reference bot, and strangers that trade, order twice, and crash."""
    deployment = load(BOT) if request.param == "reference" else attached(tmp_path, request.param)
    with bench(deployment, clean=request.param == "reference", processes=False) as opened:
        yield opened


def asked(made: Bench, mode: str) -> tuple[str, str, list[tuple[str, str, Any]]]:
    """How a call on the golden signal ended, what it returned, and every request that the venue saw of it."""
    table = made.deployment.toml.canary.decide
    assert table is not None
    symbol = made.deployment.toml.canary.symbols[0]
    golden = filled(table.signal, symbol, made.world.mid_price(symbol), 1_795_000_000.0)
    before = len(made.world.at_venue().script.log)
    account = made.world.clone_account()
    with CanaryHost.start(dataclasses.replace(host_plan(made), mode=mode)) as host:
        run = host.run(_call(made, table, [golden], account), deadline_s=20.0)
    log = made.world.at_venue().script.log[before:]
    return run.outcome, run.detail, [(one.method, one.path, _body(one.body)) for one in log]


def _body(raw: bytes) -> Any:
    """The request's JSON without what is new in every run."""
    body = json.loads(raw) if raw else None
    return {key: value for key, value in body.items() if key not in OWN_TO_EACH_RUN} if isinstance(body, dict) else body


def test_the_venue_sees_no_probe(made: Bench) -> None:
    """Outcome, exception and the venue's request log are those of the bot without a probe, in both modes."""
    plain = asked(made, "off")

    assert plain[2], "the bot asked the venue nothing, so nothing was compared"
    assert asked(made, "gates") == plain
    assert asked(made, "exits") == plain
