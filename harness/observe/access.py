"""How a bot can be looked at from outside: who to ask about its services, which hosts to call with which key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from harness.services import ServicePort
from harness.vocabulary.roles import Service, Upstream


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One upstream as it can be reached from here. Secrets stay out of the repr."""

    protocol: str
    url: str
    key: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Everything `look` needs besides the deployment itself."""

    now: Callable[[], float]
    """Unix seconds of the clock that the bot lives by."""
    services: Mapping[Service, ServicePort] = field(default_factory=dict)
    endpoints: Mapping[Upstream, Endpoint] = field(default_factory=dict)
    closed: Mapping[Upstream, str] = field(default_factory=dict)
    """Why an upstream that the bot has cannot be asked from here (no key in this shell)."""
    deadline_s: float = 5.0
    """For each upstream, all its calls together."""
