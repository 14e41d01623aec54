"""A snapshot: everything that was looked at, once, grouped by source; judges read it and nothing else.

Each fact is `Seen(value, at_s)` or `Unseen(why)`. A role that the bot does not have raises `NotApplicable`.
All times are unix seconds of the snapshot's own clock `now_s` (the lab's, or the machine's).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Generic, TypeVar

from harness.vocabulary import CanaryResult, NotApplicable, Seen, Unseen
from harness.vocabulary.roles import CATALOGUE_LIMITS, File, Limit, Service

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Source(Generic[K, V]):
    """The facts of one source by role. Asking for a role that the bot does not have raises `NotApplicable`."""

    facts: Mapping[K, Seen[V] | Unseen] = field(default_factory=dict)

    def __getitem__(self, role: K) -> Seen[V] | Unseen:
        try:
            return self.facts[role]
        except KeyError:
            raise NotApplicable(f"this bot has no {role}") from None

    def __contains__(self, role: object) -> bool:
        return role in self.facts


@dataclass(frozen=True, slots=True, kw_only=True)
class FileFacts:
    """One file as it lies. `content` is its parsed JSON, None where it is not JSON (`fault` says why)."""

    path: str
    exists: bool
    size_bytes: int = 0
    modified_at_s: float = 0.0
    content: Any = None
    fault: str = ""
    """Why the content could not be read as JSON: one sentence; empty when it could, or when it is absent."""
    updated_at_s: float | None = None
    """The content's own time of update, where `bot.toml` says where it stands and it is a time."""
    entries: int | None = None
    """How many entries the content has, its metadata not counted; None where it has none to count."""
    required: bool = False
    """`bot.toml` declares a default for it, so the bot needs it to be there."""
    schemas: tuple[int, ...] = ()
    """The schema numbers that the bot can read, by `bot.toml`; empty where the content carries none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFacts:
    """One process: what its service manager says, what the kernel says, and what its heartbeat says."""

    state: str
    """The service manager's word: running, stopped, failed, starting."""
    pid: int | None = None
    alive: bool = False
    """A live process of that pid that is no zombie."""
    stopped: bool = False
    """The process exists and is stopped (SIGSTOP, a debugger, a frozen group)."""
    exit_status: int | None = None
    beats: bool = False
    """Whether `bot.toml` names a heartbeat of it; without one, silence means nothing."""
    heartbeat_at_s: float | None = None
    cycles: int | None = None
    cycled_at_s: float | None = None
    """When it last completed a cycle, where `bot.toml` says which field of the heartbeat tells it; None before that."""
    logged_statuses: tuple[int, ...] = ()
    """HTTP statuses that the service's recent log lines give, oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One read-only call to an upstream: what came back, or which error stood innermost."""

    url: str
    status: int | None = None
    latency_s: float = 0.0
    error: str = ""
    """Innermost exception class and text where no answer came; empty otherwise."""
    code: str = ""
    message: str = ""
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def answered(self) -> bool:
        return self.status is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """The trading account at the venue, in US dollars."""

    status: str
    buying_power_usd: Decimal
    equity_usd: Decimal
    cash_usd: Decimal
    blocked: tuple[str, ...] = ()
    """The names of the account's blocking flags that are set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueFacts:
    """What read-only calls to the venue said."""

    reach: Seen[Answer] | Unseen
    """The account call itself: status, latency, error."""
    account: Seen[AccountFacts] | Unseen
    positions: Seen[Mapping[str, Decimal]] | Unseen
    """Symbol to signed quantity."""
    session_open: Seen[bool] | Unseen


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderFacts:
    """What a read-only call to the data provider said."""

    reach: Seen[Answer] | Unseen


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFacts:
    """The machine under the bot."""

    disk_used_share: Seen[float] | Unseen
    """Of the file system that holds the bot's writable folders, 0 to 1."""


NOT_LOOKED = Unseen("nobody looked at this source")


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One look at one bot, at `now_s`."""

    now_s: float
    files: Source[File, FileFacts] = field(default_factory=Source)
    services: Source[Service, ServiceFacts] = field(default_factory=Source)
    venue: VenueFacts | None = None
    provider: ProviderFacts | None = None
    host: HostFacts | None = None
    limits: Mapping[Limit, float] = field(default_factory=lambda: dict(CATALOGUE_LIMITS))
    canary: Seen[tuple[CanaryResult, ...]] | Unseen = NOT_LOOKED

    def age_s(self, at_s: float | None) -> float | None:
        """How long before this look that was, in seconds (below 0: it is stamped in the future); None for no time."""
        return None if at_s is None else self.now_s - at_s

    def at_venue(self) -> VenueFacts:
        """The venue's facts; raises `NotApplicable` for a bot without one."""
        if self.venue is None:
            raise NotApplicable("bot.toml has no [upstreams.venue]")
        return self.venue

    def at_provider(self) -> ProviderFacts:
        """The provider's facts; raises `NotApplicable` for a bot without one."""
        if self.provider is None:
            raise NotApplicable("bot.toml has no [upstreams.provider]")
        return self.provider

    def last_logged_status(self, role: Service) -> int | None:
        """The last HTTP status in the service's log; None where it has no log, or none in it, or was not seen."""
        if role not in self.services:
            return None
        service = self.services[role]
        return service.value.logged_statuses[-1] if service.seen and service.value.logged_statuses else None
