"""Sending one golden signal at one of three depths, each because it finds what the others cannot.

decide: the golden signal straight into the decide function. cycle: the golden rows at the provider, the bot's own
feed, the bot's own cycle. process: the lab's running processes get the provider's rows, and orders are counted.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

from harness.canary.arrival import golden_in_cache
from harness.canary.belief import COUNTED, NOT_STARTED
from harness.canary.golden import filled
from harness.canary.hold import trading_held
from harness.canary.result import Sent, result
from harness.canary.stages import place
from harness.canary.tracing import trace_of
from harness.canary.watch import at_work, cycles_done
from harness.deployment.schema import CallTable
from harness.lab.bench import Bench
from harness.tracing.host import Call, HostFailed
from harness.vocabulary import CanaryResult, Depth, LedgerOrder, NotApplicable, Outcome, Side, Trace

CYCLES_WATCHED = 3
FIRST_ORDER_WITHIN_S = 5.0
CYCLES_AFTER_ORDER = 2
SECOND_ORDER_WITHIN_S = 0.5


def send(bench: Bench, symbol: str, depth: Depth) -> CanaryResult:
    """Send a golden signal for `symbol` into `bench` and say what became of it."""
    ways: dict[Depth, Callable[[Bench, str], Sent]] = {
        Depth.DECIDE: _decide,
        Depth.CYCLE: _cycle,
        Depth.PROCESS: _process,
    }
    started_at_s, started_s = bench.clock.now(), time.monotonic()
    try:
        sent = ways[depth](bench, symbol)
    except NotApplicable as absent:
        sent = Sent.impossible(str(absent))
    return result(bench, symbol, depth, sent, started_at_s, time.monotonic() - started_s)


def _decide(bench: Bench, symbol: str) -> Sent:
    table = bench.deployment.toml.canary.decide
    if table is None:
        return Sent.impossible("bot.toml has no [canary.decide], so nothing can be handed to the decide function")
    if not _hands_over([table.args, table.kwargs]):
        return Sent.impossible('[canary.decide] hands the bot no signal: write args = ["$signals"], or ["$signal"]')
    golden = filled(table.signal, symbol, bench.world.mid_price(symbol), bench.clock.now())
    return fork(bench, table, [golden], symbol=symbol)


def _hands_over(value: Any) -> bool:
    """Whether the words for the signals stand anywhere in what a call is given."""
    if isinstance(value, dict | list | tuple):
        return any(map(_hands_over, value.values() if isinstance(value, dict) else value))
    return value in ("$signals", "$signal")


def _cycle(bench: Bench, symbol: str) -> Sent:
    table = bench.deployment.toml.canary.cycle
    if table is None:
        return Sent.impossible("bot.toml has no [canary.cycle], so no cycle of the bot can be run")
    with ExitStack() as stack:
        stack.enter_context(trading_held(bench))
        arrival = stack.enter_context(golden_in_cache(bench, symbol))
        sent = fork(bench, table, [], symbol=symbol)
    return dataclasses.replace(sent, arrival=arrival)


def fork(bench: Bench, table: CallTable, signals: list[Any], *, symbol: str = "") -> Sent:
    """Run one call in a fork of the warm bot, on a clone of its account, and read the clone's book."""
    try:
        host = bench.host
    except HostFailed as failed:
        return Sent(orders=(), trace=_failed(failed, Outcome.NOT_LOADED, bench))
    account = bench.world.clone_account()
    try:
        entered = new_entries(bench, account, symbol)
        try:
            run = host.run(_call(bench, table, signals, account), deadline_s=bench.deployment.toml.canary.deadline_s)
        except HostFailed as failed:
            bench.close_host()  # it answers no more; the next canary gets a new one
            return Sent(orders=entered(), trace=_failed(failed, Outcome.DIED, bench))
        orders, refusals = entered(), bench.world.refusals(account, symbol)
    finally:
        bench.world.drop_account(account)
    trace = place(trace_of(run), bench.deployment)
    scratch = f"{bench.deployment.root.parent}/"
    kept = tuple(f"{NOT_STARTED}{what.replace(scratch, '')}" for what in host.quarantined_threads)
    trace = dataclasses.replace(trace, notes=(*kept, *host.notes, *trace.notes))
    return Sent(orders=orders, trace=trace, refusals=refusals)


def _failed(failed: HostFailed, outcome: Outcome, bench: Bench) -> Trace:
    """What can be said where the canary host itself could not do its work."""
    return place(Trace(outcome=outcome, detail=failed.sentence, detail_at=failed.where), bench.deployment)


def new_entries(bench: Bench, account: str, symbol: str) -> Callable[[], tuple[LedgerOrder, ...]]:
    """From now on: the new orders of the account's book, but for exits of what it holds now in another symbol.

    A bot goes on managing what it holds while a canary is under way; closing that is no answer to the signal.
    """
    before = {order.order_id for order in bench.world.ledger(account)}
    held = bench.world.positions(account)

    def is_exit(order: LedgerOrder) -> bool:
        quantity = held.get(order.symbol, Decimal(0))
        closing = Side.SELL if quantity > 0 else Side.BUY
        return order.symbol != symbol and order.side is closing and order.quantity <= abs(quantity)

    def entered() -> tuple[LedgerOrder, ...]:
        book = bench.world.ledger(account)
        return tuple(order for order in book if order.order_id not in before and not is_exit(order))

    return entered


def _call(bench: Bench, table: CallTable, signals: list[Any], account: str) -> Call:
    canary = bench.deployment.toml.canary
    return Call(
        target=table.target,
        args=list(table.args),
        kwargs=dict(table.kwargs),
        instance=table.instance or None,
        signals=signals,
        signal_factory=table.signal_factory or None,
        identity=list(canary.identity),
        lineage={name: list(words) for name, words in canary.lineage.items()},
        scope=account,
        private={str(bench.deployment.root / entry): "" for entry in bench.deployment.toml.code.writes},
        seed=0,
        env={},
    )


def _process(bench: Bench, symbol: str) -> Sent:
    """Give the running processes the provider's rows, and count the orders in the bot's own account."""
    if not any(table.trades for table in bench.deployment.toml.services.values()):
        return Sent.impossible("bot.toml has no service with `trades = true`, so no process of it can be watched")
    new = new_entries(bench, bench.world.account, symbol)
    with golden_in_cache(bench, symbol) as arrival:
        _watch(bench, lambda: bool(new()), CYCLES_WATCHED, FIRST_ORDER_WITHIN_S)
        if new():
            # A second order would come from a second worker, or from a next cycle that forgot the first.
            _watch(bench, lambda: len(new()) > 1, CYCLES_AFTER_ORDER, SECOND_ORDER_WITHIN_S)
    trace = Trace(outcome=Outcome.RETURNED, notes=(COUNTED,))
    return Sent(orders=new(), trace=trace, arrival=arrival)


def _watch(bench: Bench, ordered: Callable[[], bool], cycles: int, within_s: float) -> None:
    """Wait for an order while the running loop completes `cycles` whole cycles; by the clock where it counts none.

    One more is waited for, since the one under way may have read the cache before. A loop that has ended, or that
    somebody stopped, completes no cycle any more.
    """
    trading = [role for role, table in bench.deployment.toml.services.items() if table.trades]
    first = cycles_done(bench)

    def over() -> bool:
        if ordered():
            return True
        if not any(at_work(bench, role) for role in trading):
            return True
        now = cycles_done(bench)
        return first is not None and now is not None and now > first + cycles

    bench.wait(over, within_s)
