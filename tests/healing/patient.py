"""A bot that is nothing but a folder and a service manager that keeps a record, so that healing can be watched."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.catalogue import built
from harness.deployment import Deployment, load
from harness.failure_point import Judged, judge
from harness.healing import Budgets, Healer, Healing, Journal
from harness.observe.files import look_at_files
from harness.observe.snapshot import ServiceFacts, Snapshot, Source
from harness.services import ServiceState
from harness.vocabulary import Seen
from harness.vocabulary.roles import Service

BOT = Path(__file__).resolve().parents[2] / "bot" / "bot.toml"


@dataclass(slots=True)
class RecordingPort:
    """A service manager that writes down what it is asked to restart. `restarting` runs while it does."""

    restarting: Callable[[str], None] = lambda _: None
    restarted: list[str] = field(default_factory=list)

    def look(self, name: str) -> ServiceState:
        return ServiceState(state="running", pid=1)

    def start(self, name: str) -> None:
        self.restarted.append(f"start {name}")

    def stop(self, name: str) -> None:
        self.restarted.append(f"stop {name}")

    def restart(self, name: str) -> None:
        self.restarting(name)
        self.restarted.append(name)


@dataclass(slots=True, kw_only=True)
class Patient:
    """`mended` says whether the next look finds the services alive."""

    deployment: Deployment
    folder: Path
    port: RecordingPort = field(default_factory=RecordingPort)
    mended: Callable[[], bool] = lambda: False
    looks: int = 0

    def snapshot(self) -> Snapshot:
        """The files as they lie; the daemon and the loop alive once they are mended."""
        self.looks += 1
        alive = self.mended()
        facts = ServiceFacts(state="running" if alive else "failed", pid=1, alive=alive, heartbeat_at_s=0.0)
        return Snapshot(
            now_s=0.0,
            files=look_at_files(self.deployment, 0.0),
            services=Source(dict.fromkeys(Service, Seen(facts, 0.0))),
        )

    def healer(self, budgets: Budgets | None = None) -> Healer:
        return Healer(
            self.deployment,
            ports=dict.fromkeys(Service, self.port),
            observe=self.snapshot,
            settled=lambda ok, within_s: ok(),
            journal=self.journal,
            budgets=budgets,
        )

    @property
    def journal(self) -> Journal:
        return Journal(self.folder / "healing.jsonl")

    def judged(self, point_id: str) -> Judged:
        return judge(built()[point_id], self.snapshot())

    def heal(self, healer: Healer, point_id: str) -> Healing:
        """What `healer` does about the point on a fresh look."""
        snapshot = self.snapshot()
        return healer.heal(judge(built()[point_id], snapshot), snapshot)


def patient(folder: Path) -> Patient:
    """The reference bot's declared defaults in `folder`, and nothing running."""
    deployment = load(BOT)
    root = folder / "bot"
    shutil.copytree(BOT.parent / "defaults", root / "defaults")
    for name in deployment.toml.code.writes:
        (root / name).mkdir()
    return Patient(deployment=replace(deployment, root=root), folder=folder)
