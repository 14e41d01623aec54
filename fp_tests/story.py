"""What the tests of this folder ask of a bench, beside what `harness.drill` asks."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import httpx2

from harness.catalogue import built
from harness.drill.footprint import footprint
from harness.drill.steps import heal, not_ok
from harness.failure_point import FailurePoint, Judged
from harness.healing import Outcome
from harness.lab.bench import Bench
from harness.readiness.judging import SEEN_WITHIN_S
from harness.vocabulary import CanaryResult, Status
from harness.vocabulary.roles import Upstream

FaultOf: TypeAlias = Callable[[str], AbstractContextManager[Any]]
"""A failure point's name in, its real fault on the test's bench out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What a fresh look and a golden signal said after the fault, and whether both came within the sheet's time."""

    status: Status
    canary: CanaryResult
    in_time: bool

    @property
    def complete(self) -> bool:
        """OK again, an order again, in time."""
        return self.status is Status.OK and self.canary.traded and self.in_time


@dataclass(frozen=True, slots=True, kw_only=True)
class Healed:
    """What the controller came to, and what it touched: services that have another process, files that differ,
    and `orders` where the venue's book is not what it was."""

    outcome: Outcome
    did: str
    playbook: tuple[str, ...]
    touched: set[str]


def healed(bench: Bench, one: FailurePoint) -> Healed:
    """Let the controller heal `one`, and compare the bot before with the bot after."""
    before = footprint(bench)
    healing = heal(bench, one)
    after = footprint(bench)
    touched = {*map(str, before.changed_services(after)), *before.changed_files(after)}
    if before.orders != after.orders:
        touched.add("orders")
    return Healed(outcome=healing.outcome, did=healing.did, playbook=healing.playbook, touched=touched)


Detects: TypeAlias = Callable[[FailurePoint], Judged]
Recovers: TypeAlias = Callable[[FailurePoint], Recovery]


def point(point_id: str) -> FailurePoint:
    """The built point with this id."""
    return built()[point_id]


def not_ok_in_time(bench: Bench, expected: set[str]) -> set[str]:
    """The ids that are not OK, once they are `expected`: after a jump of the clock the living services must beat
    first. The last set that was seen, where they never are."""
    bench.wait(lambda: not_ok(bench) == expected, SEEN_WITHIN_S)
    return not_ok(bench)


def provider_asked(bench: Bench) -> httpx2.Response:
    """What the provider answers to the bot's own key, sent by another client."""
    provider = bench.access().endpoints[Upstream.PROVIDER]
    with httpx2.Client(trust_env=False) as client:
        return client.get(f"{provider.url}/api/darkpool/recent", headers={"Authorization": f"Bearer {provider.token}"})


def is_gone(pid: int) -> bool:
    """Whether a process has ended: it is not there, or a zombie, which has no command line any more (proc(5))."""
    process = Path(f"/proc/{pid}/cmdline")
    return not process.exists() or process.read_bytes() == b""
