"""How a deployment that no lab made is looked at: its own service managers, its own hosts, the shell's keys.

Read-only. Keys come from the environment of whoever asks; a `.env` file is never read.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from harness.deployment import Deployment
from harness.deployment.schema import Live, UpstreamTable
from harness.observe.access import Access, Endpoint
from harness.services import PidfilePort, ServicePort, SupervisorPort, SystemdPort
from harness.vocabulary.roles import Upstream


def live_access(deployment: Deployment, environment: Mapping[str, str]) -> Access:
    """Access to the running deployment, in real time."""
    endpoints: dict[Upstream, Endpoint] = {}
    closed: dict[Upstream, str] = {}
    for role, table in deployment.toml.upstreams.items():
        missing = [name for name in (table.key, table.secret, table.token) if name and not environment.get(name)]
        if missing:
            closed[role] = f"{' and '.join(missing)} not set in this shell, so {role} was not asked"
        else:
            endpoints[role] = _endpoint(table, environment)
    services = {role: _port(table.live, deployment) for role, table in deployment.toml.services.items() if table.live}
    return Access(now=time.time, services=services, endpoints=endpoints, closed=closed)


def _endpoint(table: UpstreamTable, environment: Mapping[str, str]) -> Endpoint:
    url = environment.get(table.url_variable, table.url) if table.url_variable else table.url
    return Endpoint(
        protocol=table.protocol,
        url=url.rstrip("/"),
        key=environment.get(table.key, ""),
        secret=environment.get(table.secret, ""),
        token=environment.get(table.token, ""),
    )


def _port(live: Live, deployment: Deployment) -> ServicePort:
    if live.by == "supervisor":
        return SupervisorPort(str(deployment.root / live.socket))
    return SystemdPort() if live.by == "systemd" else PidfilePort(deployment.root)
