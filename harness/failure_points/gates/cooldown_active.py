"""A symbol's cooldown is stamped in the future, so it will not end when it should.

After a trade its symbol rests for a quarter of an hour, and that is meant: a running cooldown is no fault. One that
begins later than now is a clock that was set back, or a record in another unit, and it silences its symbol for as long
as the stamp is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.failure_point import FailurePoint, Sheet
from harness.observe.files import as_time
from harness.observe.snapshot import Snapshot
from harness.remedy import intended
from harness.vocabulary import Blocks, Cause, Desk, Evidence, Finding, NotSeen, Severity, Stage, Status
from harness.vocabulary.roles import File, Limit

AHEAD_S_MAX = 5.0
"""Two clocks that are both kept right may differ by this much."""

SHEET = Sheet(
    id="FP-3.7",
    title="Cooldown active",
    desk=Desk.BOTH,
    severity=Severity.LOW,
    cause=Cause.RISK,
    impact="New signals of the symbol are stopped; every other symbol trades.",
    blocks=Blocks.SYMBOL,
    stage=Stage.GATE,
    recovers_within_s=60.0,
    playbook=(
        "Compare the host's clock with the venue's: was it set back since the symbol was traded?",
        "Find the symbol's last order at the venue: the cooldown begins when that was sent.",
        "Correct the stamp to that time, as an override that is recorded; nothing here shortens a cooldown.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cooldowns(Evidence):
    """Symbols that rest as they should, the time (unix seconds) at which the last of them is free, and the symbols
    whose stamp lies ahead of now, the farthest by `ahead_s`."""

    running: tuple[str, ...]
    cooldown_s: float
    free_at_s: float | None
    ahead: tuple[str, ...]
    ahead_s: float
    ahead_s_max: float = AHEAD_S_MAX


def cooldowns(snapshot: Snapshot) -> Finding[Cooldowns]:
    """No stamp lies farther ahead of now than two clocks may differ; a running cooldown is as it should be."""
    lasts_s, now_s = snapshot.limits[Limit.SYMBOL_COOLDOWN_S], snapshot.now_s
    stamps = _stamps(snapshot)
    held = {symbol: at_s - now_s for symbol, at_s in sorted(stamps.items()) if now_s - at_s < lasts_s}
    ahead = tuple(symbol for symbol, ahead_s in held.items() if ahead_s > AHEAD_S_MAX)
    running = tuple(symbol for symbol in held if symbol not in ahead)
    found = Cooldowns(
        running=running,
        cooldown_s=lasts_s,
        free_at_s=max((stamps[symbol] + lasts_s for symbol in held), default=None),
        ahead=ahead,
        ahead_s=max((held[symbol] for symbol in ahead), default=0.0),
    )
    if ahead:
        said = f"the cooldown of {', '.join(ahead)} is stamped {found.ahead_s:.0f} s in the future"
        return Finding(Status.ERROR, said, found)
    return Finding(Status.OK, f"{len(running)} symbols rest after a trade, as they should", found)


def _stamps(snapshot: Snapshot) -> dict[str, float]:
    """When each symbol was last traded (unix seconds); a bot that keeps no record yet has traded nothing."""
    file = snapshot.files[File.COOLDOWNS].value
    if not file.exists:
        return {}
    table = file.content.get("cooldowns", file.content) if isinstance(file.content, dict) else None
    if not isinstance(table, dict):
        raise NotSeen(f"{file.path} holds no table of cooldowns" + (f" ({file.fault})" if file.fault else ""))
    read = {symbol: as_time(at) for symbol, at in table.items()}
    return {symbol: at_s for symbol, at_s in read.items() if at_s is not None}


FP = FailurePoint(
    SHEET,
    detect=cooldowns,
    heal=intended("a cooldown ends by its own stamp; one stamped in the future is a defect for its owner to mend"),
)
