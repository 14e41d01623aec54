"""What a canary host is told, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class HostPlan:
    """How a bot is imported once, ready to fork."""

    python: str
    """The bot's own interpreter, 3.11 or newer."""
    cwd: str
    env: dict[str, str] = field(repr=False)
    """The complete environment; nothing of ours leaks in beside it but the guard for Pythons that the bot starts."""
    sys_path: list[str]
    modules: list[str]
    """Imported at the start, in this order."""
    traced: list[str]
    """Modules to rewrite: exact names, or prefixes that end in `.*`."""
    mode: str
    """`gates` or `exits` (what is recorded), or `off`."""
    redirects: dict[str, str]
    """URL of the real world -> URL on loopback."""
    private_dirs: list[str]
    """Directories of which every fork gets a copy of its own."""
    log_path: str
    """Where import's output goes."""
    orders: list[str] = field(default_factory=list)
    """Functions and methods that send an order though their names do not say so."""
    namespaces: bool = True
    """False: canaries one by one, even where the kernel offers mount namespaces."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call in a fork. In `args`, `kwargs` and `instance` the words `$ref:module:name`, `$call:module:name` and
    `$signals` are replaced inside the fork; anything else is literal JSON."""

    target: str
    """`module:qualname`; with an `instance`, the method's name."""
    args: list[Any] = field(default_factory=list)
    kwargs: dict[str, Any] = field(default_factory=dict)
    instance: str | None = None
    signals: list[Any] = field(default_factory=list)
    signal_factory: str | None = None
    """`module:Class`, called with each signal's fields, for a bot whose signals are objects."""
    identity: list[str] = field(default_factory=list)
    lineage: dict[str, list[str]] = field(default_factory=dict)
    scope: str = ""
    private: dict[str, str] = field(default_factory=dict)
    """Directory -> directory whose contents this fork finds there; an empty value: its contents as they are now."""
    seed: int = 0
    env: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRun:
    """What came of one call. `record` is what the probe recorded, for `reading`."""

    outcome: str
    """`returned`, `raised`, `exited`, `timed out`, `died`, `not loaded` (the call names nothing in the bot), or
    `not sent` (its signal cannot be made)."""
    detail: str
    detail_at: str
    returned: str
    record: dict[str, Any] = field(repr=False)
    notes: list[str]
    output: str
    duration_s: float
    isolation: str
    """`mount namespace` or `one at a time`."""


class HostFailed(Exception):
    """The bot cannot be hosted. `sentence` says why for people; `where` is `file:line`, or empty."""

    def __init__(self, kind: str, sentence: str, where: str = "", quarantined: tuple[str, ...] = ()) -> None:
        super().__init__(f"{sentence} ({where})" if where else sentence)
        self.kind, self.sentence, self.where, self.quarantined = kind, sentence, where, quarantined
