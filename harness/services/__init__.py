"""The port to service managers: one small interface, spoken to supervisor, systemd and plain pid files."""

from harness.services.pidfile import PidfilePort
from harness.services.port import ServiceFailed, ServicePort, ServiceState
from harness.services.supervisor import SupervisorPort
from harness.services.systemd import SystemdPort

__all__ = ["PidfilePort", "ServiceFailed", "ServicePort", "ServiceState", "SupervisorPort", "SystemdPort"]
