"""supervisord over its unix socket (XML-RPC). Source: supervisor 4.3, docs/api.rst and `supervisor.xmlrpc`."""

from __future__ import annotations

import xmlrpc.client
from contextlib import suppress
from typing import Any

from harness.services.port import ServiceFailed, ServiceState

_WORDS = {
    "RUNNING": "running",
    "STARTING": "starting",
    "STOPPED": "stopped",
    "STOPPING": "stopped",
    "EXITED": "failed",
    "BACKOFF": "failed",
    "FATAL": "failed",
    "UNKNOWN": "failed",
}
ALREADY_STARTED = 60
NOT_RUNNING = 70


class SupervisorPort:
    """One supervisord, by the path of its unix socket."""

    def __init__(self, socket_path: str) -> None:
        self._socket_path = socket_path

    def look(self, name: str) -> ServiceState:
        info = self._call("getProcessInfo", name)
        state = _WORDS.get(info["statename"], "failed")
        ended = state in ("failed", "stopped")
        return ServiceState(
            state=state,
            pid=info["pid"] or None,
            exit_status=info["exitstatus"] if ended else None,
            detail=info["spawnerr"] or info["description"],
        )

    def start(self, name: str) -> None:
        self._call("startProcess", name, allowed=ALREADY_STARTED)

    def stop(self, name: str) -> None:
        self._call("stopProcess", name, allowed=NOT_RUNNING)

    def restart(self, name: str) -> None:
        self.stop(name)
        self.start(name)

    def _call(self, method: str, *arguments: str, allowed: int | None = None) -> Any:
        # Imported here: only a deployment that has a supervisord needs the library.
        from supervisor.xmlrpc import SupervisorTransport

        transport = SupervisorTransport(None, None, serverurl=f"unix://{self._socket_path}")
        proxy = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport, allow_none=True)
        try:
            return getattr(proxy.supervisor, method)(*map(str, arguments))
        except xmlrpc.client.Fault as fault:
            if fault.faultCode == allowed:
                return None
            raise ServiceFailed(f"supervisord refuses {method}({', '.join(arguments)}): {fault.faultString}") from None
        except (OSError, xmlrpc.client.ProtocolError) as error:
            raise ServiceFailed(f"supervisord at {self._socket_path} does not answer: {error}") from None
        finally:
            with suppress(OSError):  # the connection may be gone already; nothing is lost with it
                transport.close()
