"""Ways to put the stranger's world so that one of its gates closes; each puts everything back at its end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from fixtures.script import Mangle, Put, Reply
from harness.canary import send
from harness.canary.golden import filled
from harness.deployment.schema import CallTable
from harness.lab.bench import Bench
from harness.tracing.host import Call
from harness.tracing.reading import read
from harness.vocabulary import CanaryResult, Depth, Trace


class Arrangement(Protocol):
    """Something done to a bench for the length of a block."""

    def __call__(self, bench: Bench) -> AbstractContextManager[object]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One gate of the stranger: how it is closed, and what must be said of it.

    `condition` stands on one line of the stranger's source and on no other; that line is where it blocks.
    `near` allows a value that the clock moves on.
    """

    name: str
    condition: str
    value: str
    limit: str
    near: float = 0.0
    label: str = ""
    signal: dict[str, Any] = field(default_factory=dict)
    world: Arrangement | None = None


def through(bench: Bench, symbol: str, *, kwargs: dict[str, Any] | None = None, **changed: Any) -> CanaryResult:
    """Send a golden signal with some of its fields changed, as if `bot.toml` had it so."""
    deployed = bench.deployment
    table = _decide(bench)
    called = table.model_copy(update={"signal": table.signal | changed, "kwargs": kwargs or {}})
    canary = deployed.toml.canary.model_copy(update={"decide": called})
    bench.deployment = replace(deployed, toml=deployed.toml.model_copy(update={"canary": canary}))
    try:
        return send(bench, symbol, Depth.DECIDE)
    finally:
        bench.deployment = deployed


def both(bench: Bench, symbol: str, other: dict[str, Any]) -> Trace:
    """Hand `other` and after it the golden signal to the decide function, in one list; the trace of both."""
    table, account = _decide(bench), bench.world.clone_account()
    golden = filled(table.signal, symbol, bench.world.mid_price(symbol), bench.clock.now())
    call = Call(
        target=table.target,
        args=list(table.args),
        instance=table.instance,
        signals=[other, golden],
        identity=["tkr"],
        scope=account,
        private={str(bench.deployment.root): ""},
    )
    try:
        return read(bench.host.run(call, deadline_s=10.0).record)
    finally:
        bench.world.drop_account(account)


def _decide(bench: Bench) -> CallTable:
    table = bench.deployment.toml.canary.decide
    assert table is not None
    return table


def run(bench: Bench, case: Case, symbol: str) -> CanaryResult:
    """The golden signal in the case's world."""
    with ExitStack() as stack:
        if case.world is not None:
            stack.enter_context(case.world(bench))
        return through(bench, symbol, **case.signal)


def file(name: str, content: object) -> Arrangement:
    """This file of the stranger's has this JSON content."""

    @contextmanager
    def put(bench: Bench) -> Iterator[None]:
        with _written(bench.deployment.root / name, json.dumps(content)):
            yield

    return put


def setting(**changed: object) -> Arrangement:
    """These settings of the stranger's are changed, and the others stay."""

    @contextmanager
    def put(bench: Bench) -> Iterator[None]:
        path = bench.deployment.root / "omega_settings.json"
        with _written(path, json.dumps(json.loads(path.read_text(encoding="utf-8")) | changed)):
            yield

    return put


def cooled_since(symbol: str, seconds: float) -> Arrangement:
    """The stranger remembers a trade in `symbol`, so many seconds ago by the lab's clock."""

    @contextmanager
    def put(bench: Bench) -> Iterator[None]:
        with file("omega_cooldowns.json", {symbol: bench.clock.now() - seconds})(bench):
            yield

    return put


def holding(*symbols: str) -> Arrangement:
    """The stranger's own book holds these symbols and no others."""
    return file("omega_book.json", {"names": {symbol: {"n": 10, "px": 50.0, "t": 1.7e9} for symbol in symbols}})


def answers(path: str, status: int, *, method: str = "GET") -> Arrangement:
    """The venue answers every such request with this status and an error in Alpaca's own form."""

    def put(bench: Bench) -> AbstractContextManager[object]:
        body = {"code": status * 100_000, "message": "forbidden."}
        return bench.world.at_venue().script.rule(Reply(status, body), method=method, path=path)

    return put


def says(path: str, key: str, value: object) -> Arrangement:
    """The venue's answers there have this value under this key."""

    def put(bench: Bench) -> AbstractContextManager[object]:
        return bench.world.at_venue().script.rule(Mangle(Put(key, value)), method="GET", path=path)

    return put


def quoted(symbol: str, bid: str, ask: str) -> Arrangement:
    """The market quotes the symbol so, and as before at the end."""

    @contextmanager
    def put(bench: Bench) -> Iterator[None]:
        market = bench.world.at_venue().market
        before = market.quote(symbol)
        market.set_quote(symbol, bid, ask)
        try:
            yield
        finally:
            market.set_quote(symbol, before.bid, before.ask)

    return put


def halted(symbol: str) -> Arrangement:
    """The venue does not trade the symbol."""
    return says(f"/v2/assets/{symbol}", "tradable", False)


@contextmanager
def _written(path: Path, text: str) -> Iterator[None]:
    before = path.read_bytes() if path.exists() else None
    path.write_text(text, encoding="utf-8")
    try:
        yield
    finally:
        if before is None:
            path.unlink()
        else:
            path.write_bytes(before)
