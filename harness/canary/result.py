"""Turning what was sent into a result: ledger, trace and arrival, each for what it is good for."""

from __future__ import annotations

from dataclasses import dataclass, replace

from harness.canary.arrival import Arrival
from harness.canary.belief import believe
from harness.canary.stages import blocker_of, stage_where_it_ended
from harness.lab.bench import Bench
from harness.vocabulary import CanaryResult, Depth, LedgerOrder, Outcome, Stage, Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One signal that was sent: the orders that are new in the book, the trace, and how the rows arrived."""

    orders: tuple[LedgerOrder, ...]
    trace: Trace
    arrival: Arrival | None = None
    refusals: tuple[str, ...] = ()
    """What the venue itself answered to orders that it did not take; a bot may have swallowed it."""

    @classmethod
    def impossible(cls, why: str) -> Sent:
        """Nothing could be sent."""
        return cls(orders=(), trace=Trace(outcome=Outcome.NOT_SENT, detail=why))


def result(bench: Bench, symbol: str, depth: Depth, sent: Sent, started_at_s: float, duration_s: float) -> CanaryResult:
    """What became of the signal. Only the ledger makes it `traded`."""
    deployment = bench.deployment
    trace = of_signal(sent.trace, symbol)
    blocker = blocker_of(trace, symbol)
    side = deployment.toml.canary.side
    orders = of_symbol(sent, symbol)
    traded, reason = believe(orders, symbol, side, trace, blocker, sent.refusals)
    stage = None
    if traded:
        trace = replace(trace, lost=())  # it is not: the book has its order, whatever the trace saw of it
    else:
        stage = Stage.VENUE if orders else _stage(sent, symbol, bench)
        if sent.arrival is not None and sent.arrival.stage is not None:
            reason = f"{reason} ({sent.arrival.detail})"
    return CanaryResult(
        desk=deployment.desks[0],
        depth=depth,
        symbol=symbol,
        side=side,
        traded=traded,
        reason=reason,
        orders=orders,
        trace=trace,
        stage=stage,
        blocker=None if traded else blocker,
        started_at_s=started_at_s,
        duration_s=duration_s,
    )


def of_symbol(sent: Sent, symbol: str) -> tuple[LedgerOrder, ...]:
    """The orders without those of other signals that the same cycle decided on: each of these is one in the trace."""
    met = {gate.signal for gate in sent.trace.gates} - {symbol}
    return tuple(order for order in sent.orders if order.symbol not in met)


def of_signal(trace: Trace, symbol: str) -> Trace:
    """The trace of one signal; what happened to the other signals of the same cycle is another story."""
    lineage = tuple(
        replace(line, steps=tuple(step for step in line.steps if step.signal in ("", symbol))) for line in trace.lineage
    )
    lost = tuple(one for one in trace.lost if one.signal in ("", symbol))
    return replace(trace, gates=trace.of(symbol), lineage=lineage, lost=lost)


def _stage(sent: Sent, symbol: str, bench: Bench) -> Stage:
    """Where it stopped: on its way into the bot, else where its trace ended, else at the venue, else in the loop."""
    traced = stage_where_it_ended(sent.trace, symbol, bench.deployment)
    if sent.arrival is not None and sent.arrival.stage is not None:
        # A gate before the cache (a freeze) would have stopped it anyway, but it never came that far.
        return sent.arrival.stage
    if sent.refusals and blocker_of(sent.trace, symbol) is None:
        return Stage.VENUE  # the venue's own word; where the signal was last seen is only where that word got lost
    return traced or Stage.LOOP
