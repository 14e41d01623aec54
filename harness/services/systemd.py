"""systemd by `systemctl show`. Source: systemctl(1), org.freedesktop.systemd1(5).

A machine that systemd did not boot answers with exit code 1 and a sentence on stderr; that is "no systemd", which
must not be read as "unit failed".
"""

from __future__ import annotations

import subprocess

from harness.services.port import ServiceFailed, ServiceState

_WORDS = {"active": "running", "activating": "starting", "reloading": "running", "inactive": "stopped"}
_PROPERTIES = "LoadState,ActiveState,SubState,MainPID,ExecMainStatus,Result"
DEADLINE_S = 20.0


class SystemdPort:
    """The system's (or, with `user=True`, the user's) service manager. `prefix` runs systemctl somewhere else, such
    as inside a container by nsenter."""

    def __init__(self, *, user: bool = False, prefix: tuple[str, ...] = ()) -> None:
        self._command = [*prefix, "systemctl", *(["--user"] if user else [])]

    def look(self, name: str) -> ServiceState:
        shown = self._run("show", "-p", _PROPERTIES, name)
        facts = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
        if facts.get("LoadState") == "not-found":
            raise ServiceFailed(f"systemd knows no unit {name}")
        try:
            state = _WORDS.get(facts["ActiveState"], "failed")
            pid, status = int(facts.get("MainPID", "0")), int(facts.get("ExecMainStatus", "0"))
        except (KeyError, ValueError):
            raise ServiceFailed(f"systemctl show {name} answered what nobody understands: {shown[:80]!r}") from None
        return ServiceState(
            state=state,
            pid=pid or None,
            exit_status=status if state in ("failed", "stopped") else None,
            detail=f"{facts.get('SubState', '')}, result {facts.get('Result', '')}",
        )

    def start(self, name: str) -> None:
        self._run("start", name)

    def stop(self, name: str) -> None:
        self._run("stop", name)

    def restart(self, name: str) -> None:
        self._run("restart", name)

    def _run(self, *words: str) -> str:
        try:
            done = subprocess.run(
                [*self._command, *words], capture_output=True, text=True, timeout=DEADLINE_S, check=False
            )
        except FileNotFoundError:
            raise ServiceFailed("systemctl is not on this machine; name another service manager in bot.toml") from None
        except subprocess.TimeoutExpired:
            raise ServiceFailed(f"systemctl {words[0]} did not answer within {DEADLINE_S:.0f} s") from None
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip().splitlines()
            raise ServiceFailed(f"systemctl {' '.join(words)}: {said[0] if said else f'exit {done.returncode}'}")
        return done.stdout
