"""What is to be done about a failure point: five kinds, as data. `harness.healing` executes; nothing here acts.

A `Remedy` is ours and budgeted. The other four are for others to do: the bot itself, time, a person, or nobody,
since the protection is meant. Points whose cause is config, schema or risk know no `Remedy`: a remedy for a risk
gate would be a way round a risk limit (`harness.failure_point` refuses it).
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from harness.observe.snapshot import Snapshot
from harness.vocabulary.roles import File, Service


class Act(enum.StrEnum):
    """What a remedy does on the bot's host."""

    RESTART = "restart"
    RESTORE = "restore"
    COMPLETE = "complete"
    CREATE_MISSING = "create missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """One act on one target, ours, within budgets.

    RESTART a service through its service manager; RESTORE a file from its declared default where it is missing;
    COMPLETE a file: add what its declared default has and it lacks, and keep everything it has; CREATE_MISSING: RESTORE
    every file that has a declared default and is missing.
    """

    act: Act
    service: Service | None = None
    file: File | None = None
    acts_per_hour_max: int = 3

    @property
    def target(self) -> str:
        if self.service:
            return f"services.{self.service}"
        return f"files.{self.file}" if self.file else "files"

    def __str__(self) -> str:
        return f"{self.act} {self.target}"


@dataclass(frozen=True, slots=True)
class BotDoes:
    """The bot itself does it; we watch that it happens in time, and never do it for it."""

    what: str

    def __str__(self) -> str:
        return f"the bot does it: {self.what}"


@dataclass(frozen=True, slots=True)
class Expire:
    """It ends when its own recorded condition is met; ending it earlier is refused.

    `until` reads the recorded condition off a snapshot: unix seconds, or None where only a person can end it.
    """

    until: Callable[[Snapshot], float | None]
    what: str

    def __str__(self) -> str:
        return f"expires: {self.what}"


@dataclass(frozen=True, slots=True)
class Escalate:
    """A person must do it."""

    why: str

    def __str__(self) -> str:
        return f"a person must act: {self.why}"


@dataclass(frozen=True, slots=True)
class Intended:
    """A protection that works as designed; it stays."""

    why: str

    def __str__(self) -> str:
        return f"intended: {self.why}"


Heal: TypeAlias = Remedy | BotDoes | Expire | Escalate | Intended


def restart(service: Service, *, acts_per_hour_max: int = 3) -> Remedy:
    """Restart `service` through its service manager."""
    return Remedy(act=Act.RESTART, service=service, acts_per_hour_max=acts_per_hour_max)


def restore(file: File, *, acts_per_hour_max: int = 3) -> Remedy:
    """Create a missing `file` from its declared default."""
    return Remedy(act=Act.RESTORE, file=file, acts_per_hour_max=acts_per_hour_max)


def complete(file: File, *, acts_per_hour_max: int = 3) -> Remedy:
    """Add to `file` what its declared default has and it lacks; what it has stays."""
    return Remedy(act=Act.COMPLETE, file=file, acts_per_hour_max=acts_per_hour_max)


def create_missing(*, acts_per_hour_max: int = 3) -> Remedy:
    """Create every missing file that has a declared default; a brake or the record of orders is left to a person."""
    return Remedy(act=Act.CREATE_MISSING, acts_per_hour_max=acts_per_hour_max)


def bot_does(what: str) -> BotDoes:
    """The bot's own back-off, reconciliation or migration."""
    return BotDoes(what)


def expire(until: Callable[[Snapshot], float | None], what: str) -> Expire:
    """Ends when its recorded condition is met, and refuses before."""
    return Expire(until, what)


def escalate(why: str) -> Escalate:
    """Alert and playbook, no automatic change."""
    return Escalate(why)


def intended(why: str) -> Intended:
    """Why this protection stays."""
    return Intended(why)
