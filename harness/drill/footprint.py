"""What stands in a bench's bot at one moment, to see afterwards what healing has touched."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from harness.lab.bench import Bench
from harness.remedy import Act, Heal, Remedy
from harness.services import ServiceFailed
from harness.vocabulary import LedgerOrder
from harness.vocabulary.roles import RELEASED_BY_A_PERSON, File, Service

NOT_STATE = (".pyc", ".tmp", ".lock")
"""Byte code, drafts of a file that is being replaced, and locks: a lock names the process that holds it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """Files by their digest, services by their pid, and the orders in the venue's book."""

    files: dict[str, str]
    pids: dict[Service, int | None]
    orders: tuple[LedgerOrder, ...]

    def changed_files(self, later: Footprint) -> set[str]:
        """Paths that appeared, went or differ, relative to the bot's root."""
        names = self.files.keys() | later.files.keys()
        return {name for name in names if self.files.get(name) != later.files.get(name)}

    def changed_services(self, later: Footprint) -> set[Service]:
        """Services that have another process now."""
        return {role for role in self.pids if self.pids[role] != later.pids[role]}

    def beyond(self, heal: Heal, later: Footprint, bench: Bench) -> list[str]:
        """What changed and is not what `heal` may touch, in words; empty when nothing did."""
        services, files = _may_touch(heal, bench)
        found = [f"restarted {role}" for role in sorted(self.changed_services(later) - services)]
        found += [f"changed {name}" for name in sorted(self.changed_files(later) - files)]
        return found + (["sent orders"] if self.orders != later.orders else [])


def _may_touch(heal: Heal, bench: Bench) -> tuple[set[Service], set[str]]:
    if not isinstance(heal, Remedy):
        return set(), set()
    services = {heal.service} if heal.service is not None else set()
    if heal.act is Act.CREATE_MISSING:
        tables = bench.deployment.toml.files.items()
        return set(), {table.path for role, table in tables if table.default and role not in RELEASED_BY_A_PERSON}
    path = bench.deployment.file(heal.file).path if heal.file is not None else ""
    copies = {f"{path}.before_completion"} if heal.act is Act.COMPLETE else set()
    return services, ({path} if path else set()) | copies


def footprint(bench: Bench) -> Footprint:
    """The bench's bot as it stands, but for what its running services rewrite all the time."""
    root = bench.deployment.root
    alive = _rewritten(bench)
    files = {}
    for path in sorted(root.rglob("*")):
        name = str(path.relative_to(root))
        if path.is_file() and name not in alive and not name.endswith(NOT_STATE) and not _is_log(name, bench):
            files[name] = _digest(path)
    pids = {role: _pid(bench, role) for role in bench.deployment.toml.services}
    return Footprint(files=files, pids=pids, orders=bench.world.ledger(bench.world.account))


def _rewritten(bench: Bench) -> set[str]:
    toml = bench.deployment.toml
    beats = {table.heartbeat for table in toml.services.values() if table.heartbeat}
    decisions = {toml.files[File.DECISIONS].path} if File.DECISIONS in toml.files else set()
    return beats | {table.path for table in toml.files.values() if table.written_by} | decisions


def _is_log(name: str, bench: Bench) -> bool:
    folders = {str(Path(table.log).parent) for table in bench.deployment.toml.services.values() if table.log}
    return any(name.startswith(folder + "/") for folder in folders)


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return "gone"  # a draft that a service renamed between the listing and the look


def _pid(bench: Bench, role: Service) -> int | None:
    try:
        return bench.services.port.look(role).pid
    except ServiceFailed:
        return None
