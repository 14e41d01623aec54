"""A run over the deployment's own cache, told in one line and then in a table: who fell where, and how near."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from harness.canary.from_cache import CacheRun, Fate
from harness.canary.from_cache import Group as Ended
from harness.report.phrases import number
from harness.report.terminal import print_told
from harness.report.visible import visible
from harness.vocabulary import Gate

NAMED_MAX = 6


def print_cache_run(run: CacheRun, console: Console, *, explain: bool) -> None:
    """Print the count, the groups, and with `explain` each signal's own end."""
    told: list[RenderableType] = [Text(sentence(run), style="bold")]
    if run.before_all is not None:
        told.append(Text(f"stopped before any signal was looked at: {at_gate(run.before_all)}", style="red"))
    if run.ended:
        told.append(Text(f"the cycle itself {visible(run.ended)}", style="red"))
    told.append(_groups(run))
    if explain:
        told.append(_each(run))
    print_told(console, Group(*told))


def sentence(run: CacheRun) -> str:
    """Such as "51 signals, 0 orders: 44 score_below_threshold (nearest 2.81, passes with score >= 3.0), 5 ..."."""
    orders = sum(len(fate.orders) for fate in run.fates)
    parts = [_part(group) for group in run.groups if group.reason != "traded"]
    return f"{len(run.fates)} signals, {orders} orders" + (f": {', '.join(parts)}" if parts else "")


def _part(group: Ended) -> str:
    about = [f"nearest {short(group.nearest)}"] if group.nearest else []
    if group.gate is not None and group.gate.needs:
        about.append(f"passes with {visible(group.gate.needs, length_max=60)}")
    return f"{len(group.signals)} {visible(group.reason, length_max=60)}" + (f" ({'; '.join(about)})" if about else "")


def at_gate(gate: Gate) -> str:
    """A gate in one line: its name, value against limit, and where it stands."""
    against = f" {short(gate.value)} against {short(gate.limit)}" if gate.limit else f" {short(gate.value)}"
    return f"{visible(gate.label or gate.condition, length_max=80)}{against} at {visible(gate.file)}:{gate.line}"


def short(value: str) -> str:
    """A number with four digits after the point at most; anything else as it is, made harmless."""
    amount = number(value)
    return visible(value, length_max=60) if amount is None else f"{amount:.4f}".rstrip("0").rstrip(".")


def _groups(run: CacheRun) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("signals", "ended at", "nearest", "limit", "where", "which"):
        table.add_column(heading)
    for group in run.groups:
        gate = group.gate
        named = ", ".join(visible(name) for name in group.signals[:NAMED_MAX])
        more = f" and {len(group.signals) - NAMED_MAX} more" if len(group.signals) > NAMED_MAX else ""
        table.add_row(
            str(len(group.signals)),
            Text(visible(group.reason, length_max=60)),
            Text(short(group.nearest) if group.nearest else ""),
            Text(short(gate.limit) if gate is not None else ""),
            Text(f"{visible(gate.file)}:{gate.line}" if gate is not None else ""),
            Text(named + more),
        )
    return table


def _each(run: CacheRun) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", title="each signal", title_justify="left")
    for heading in ("signal", "end", "passes with"):
        table.add_column(heading)
    for fate in run.fates:
        table.add_row(Text(visible(fate.signal)), Text(_end(fate)), Text(visible(fate.gate.needs) if fate.gate else ""))
    return table


def _end(fate: Fate) -> str:
    if fate.traded:
        return f"{len(fate.orders)} order at the venue" + ("s" if len(fate.orders) > 1 else "")
    return at_gate(fate.gate) if fate.gate is not None else visible(fate.reason)
