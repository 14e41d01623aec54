"""Facts that were seen or not, and what a judge says of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, NoReturn, TypeVar

from harness.vocabulary.words import Status

T = TypeVar("T")


class NotSeen(LookupError):
    """A judge read a fact that nobody could observe. Only the framework turns this into UNKNOWN."""


class NotApplicable(LookupError):
    """A judge asked for a role that this bot's `bot.toml` does not have."""


@dataclass(frozen=True, slots=True)
class Seen(Generic[T]):
    """A fact, and when it was observed (unix seconds of the snapshot's clock)."""

    value: T
    at_s: float

    @property
    def seen(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Unseen:
    """A fact that could not be observed, and why. Reading its value raises `NotSeen`."""

    why: str

    @property
    def value(self) -> NoReturn:
        raise NotSeen(self.why)

    @property
    def at_s(self) -> NoReturn:
        raise NotSeen(self.why)

    @property
    def seen(self) -> bool:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Base of every typed evidence: measurements beside their limits, units last in the names."""


E_co = TypeVar("E_co", bound=Evidence, covariant=True)


@dataclass(frozen=True, slots=True)
class Finding(Generic[E_co]):
    """What one judge says of one snapshot: a status, one sentence, and the typed evidence for it."""

    status: Status
    summary: str
    evidence: E_co
