"""What every service manager can say and do, in one vocabulary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class ServiceFailed(Exception):
    """A service manager did not answer or refused; the message is one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceState:
    """What the service manager says: `running`, `starting`, `stopped` or `failed`. Its word is not yet the truth:
    a stopped (SIGSTOP) process is RUNNING to it, so the kernel is asked too (`harness.observe.services`)."""

    state: str
    pid: int | None = None
    exit_status: int | None = None
    detail: str = ""


class ServicePort(Protocol):
    """One service manager. Every method raises `ServiceFailed` where it does not answer or refuses."""

    def look(self, name: str) -> ServiceState:
        """The state of one service; read-only."""

    def start(self, name: str) -> None:
        """Start it; no error when it runs already."""

    def stop(self, name: str) -> None:
        """Stop it; no error when it is stopped already."""

    def restart(self, name: str) -> None:
        """Stop and start it; it is running or `ServiceFailed` is raised."""
