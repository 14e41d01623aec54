"""What the desk does to its own state beside deciding: freezes that are over, cooldowns that begin."""

from __future__ import annotations

from bot.equities import gates
from bot.equities.desk import Desk
from bot.equities.state import Memory


def lift_expired(desk: Desk, memory: Memory, now: float) -> None:
    """Clear freezes whose recorded end has come. One that cannot be written stays in the file, and is asked again."""
    expired = gates.expired_freezes(memory.freezes, now=now)
    if not expired:
        return
    for name in expired:
        memory.freezes.freezes[name].active = False
        desk.journal.info("freeze_lifted", freeze=name, until=memory.freezes.freezes[name].until)
    try:
        memory.save_freezes()
    except OSError as error:
        desk.journal.error("state_not_written", file="governor_freezes.json", why=str(error))


def start_cooldown(desk: Desk, memory: Memory, symbol: str, now: float) -> None:
    """Note that `symbol` was traded. The intent log knows it too, so a file that cannot be written costs no safety."""
    memory.cooldowns[symbol] = now
    try:
        memory.save_cooldowns()
    except OSError as error:
        desk.journal.error("state_not_written", file="cooldowns.json", why=str(error))
