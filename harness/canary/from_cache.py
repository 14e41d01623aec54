"""Every signal of the deployment's own cache, through one cycle of the bot's real code: who fell where.

"51 clusters, 0 orders" is answered by counting: each signal ends at a gate, is lost where no exit stands, or stands
as an order in the venue's book. None is left out of the count.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from harness.canary.send import fork
from harness.lab.bench import Bench
from harness.vocabulary import Gate, LedgerOrder, LostSignal, Outcome, Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of one signal: the gate where it ended, or where it was lost, or its orders."""

    signal: str
    gate: Gate | None = None
    lost: LostSignal | None = None
    orders: tuple[LedgerOrder, ...] = ()

    @property
    def traded(self) -> bool:
        return bool(self.orders)

    @property
    def reason(self) -> str:
        """The name of what ended it; the same for every signal that ended there."""
        if self.gate is not None:
            return self.gate.label or self.gate.condition
        if self.lost is not None:
            return f"{self.lost.how} at {self.lost.file}:{self.lost.line}"
        return "traded" if self.traded else "unknown: nothing in the trace says where it ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """All signals that ended at one place, and how near the nearest of them came."""

    reason: str
    gate: Gate | None
    signals: tuple[str, ...]
    nearest: str
    """The value of the signal that came nearest to the limit; empty where values are no numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheRun:
    """One cycle over the cache as it lies. `before_all` is the gate that stopped everything before any signal."""

    fates: tuple[Fate, ...]
    groups: tuple[Group, ...]
    before_all: Gate | None
    trace: Trace

    @property
    def ended(self) -> str:
        """Why the run itself did not come to its end; empty when it did."""
        return "" if self.trace.outcome is Outcome.RETURNED else f"{self.trace.outcome}: {self.trace.detail}"


def from_cache(bench: Bench) -> CacheRun:
    """Run one cycle of the bot on the copied cache, and sort its signals by where they ended."""
    canary = bench.deployment.toml.canary
    table = canary.cycle or canary.decide
    if table is None:
        raise LookupError("bot.toml has neither [canary.cycle] nor [canary.decide]")
    sent = fork(bench, table, [])
    fates = fates_of(sent.trace, sent.orders)
    before_all = next((gate for gate in sent.trace.gates if gate.blocks and not gate.signal), None)
    return CacheRun(fates=fates, groups=grouped(fates), before_all=before_all, trace=sent.trace)


def fates_of(trace: Trace, orders: Iterable[LedgerOrder]) -> tuple[Fate, ...]:
    """One fate for each signal that the trace or the ledger knows, in the order of their first appearance."""
    by_symbol: dict[str, list[LedgerOrder]] = {}
    for order in orders:
        by_symbol.setdefault(order.symbol, []).append(order)
    lost = {one.signal: one for one in trace.lost if one.signal}
    ended = {gate.signal: gate for gate in reversed(trace.gates) if gate.signal and gate.blocks}
    names = dict.fromkeys([*(gate.signal for gate in trace.gates if gate.signal), *lost, *by_symbol])
    return tuple(
        Fate(
            signal=name,
            gate=None if name in by_symbol else ended.get(name),
            lost=None if name in by_symbol or name in ended else lost.get(name),
            orders=tuple(by_symbol.get(name, ())),
        )
        for name in names
    )


def grouped(fates: Iterable[Fate]) -> tuple[Group, ...]:
    """The fates by their reason, the largest group first."""
    groups: dict[str, list[Fate]] = {}
    for fate in fates:
        groups.setdefault(fate.reason, []).append(fate)
    rows = [
        Group(
            reason=reason,
            gate=members[0].gate,
            signals=tuple(fate.signal for fate in members),
            nearest=_nearest([fate.gate for fate in members if fate.gate is not None]),
        )
        for reason, members in groups.items()
    ]
    return tuple(sorted(rows, key=lambda row: -len(row.signals)))


def _nearest(gates: list[Gate]) -> str:
    """Of values that are numbers, the one nearest to its limit."""
    measured = []
    for gate in gates:
        try:
            measured.append((abs(float(gate.value) - float(gate.limit)), gate.value))
        except ValueError:
            continue  # a value that is no number has no distance
    return min(measured)[1] if measured else ""
