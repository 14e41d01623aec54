"""Looking at processes: the service manager's word, the kernel's word, and the heartbeat's."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import psutil

from harness.deployment import Deployment
from harness.deployment.schema import ServiceTable
from harness.observe.files import as_time, field, parse
from harness.observe.snapshot import ServiceFacts, Source
from harness.services import ServiceFailed, ServicePort
from harness.services.plain_file import read_plain
from harness.vocabulary import Seen, Unseen
from harness.vocabulary.roles import Service

LOG_TAIL_BYTES = 16 * 1024
_STATUS_FIELD = re.compile(rb'(?<![A-Za-z0-9_])"?(?:status|status_code|http_status)"?\s*[:=]\s*([1-5]\d\d)(?![\d.])')


def look_at_services(
    deployment: Deployment, ports: dict[Service, ServicePort], now_s: float
) -> Source[Service, ServiceFacts]:
    """Every service role of the deployment; one whose service manager does not answer is `Unseen`."""
    return Source({role: _look(deployment, role, ports.get(role), now_s) for role in deployment.toml.services})


def _look(deployment: Deployment, role: Service, port: ServicePort | None, now_s: float) -> Seen[ServiceFacts] | Unseen:
    table = deployment.service(role)
    if port is None:
        return Unseen(f"[services.{role}] has no `live` table, so nobody can be asked whether it runs")
    try:
        said = port.look(table.live.name if table.live else role)
    except ServiceFailed as failed:
        return Unseen(str(failed))
    alive, stopped = _kernel(said.pid)
    content = _heartbeat(deployment.root, table)
    cycles = field(content, table.cycles) if table.cycles else None
    facts = ServiceFacts(
        state=said.state,
        pid=said.pid,
        alive=alive,
        stopped=stopped,
        exit_status=said.exit_status,
        beats=bool(table.heartbeat),
        heartbeat_at_s=as_time(field(content, table.heartbeat_at)),
        cycles=cycles if isinstance(cycles, int) else None,
        cycled_at_s=as_time(field(content, table.cycled_at)) if table.cycled_at else None,
        logged_statuses=_statuses(deployment.root / table.log) if table.log else (),
    )
    return Seen(facts, now_s)


def _kernel(pid: int | None) -> tuple[bool, bool]:
    """Whether a live process of that pid exists, and whether it is stopped. A zombie is not alive."""
    if pid is None:
        return False, False
    try:
        status = psutil.Process(pid).status()
    except psutil.NoSuchProcess:
        return False, False
    return status not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD), status == psutil.STATUS_STOPPED


def _heartbeat(root: Path, table: ServiceTable) -> Any:
    """What the heartbeat holds; None where there is none, or none that can be read."""
    if not table.heartbeat:
        return None
    try:
        content, _ = parse(read_plain(root / table.heartbeat))
    except OSError:
        return None  # no heartbeat file is the fact itself: a judge reads it as "never beat"
    return content


def _statuses(log: Path) -> tuple[int, ...]:
    """HTTP statuses in the log's tail, oldest first; a number counts only as the value of a status field, never as
    a price or a count that happens to be 401."""
    try:
        tail = read_plain(log, tail=LOG_TAIL_BYTES)
    except OSError:
        return ()  # a bot that has not logged yet has been refused nothing
    return tuple(int(found) for found in _STATUS_FIELD.findall(tail))
