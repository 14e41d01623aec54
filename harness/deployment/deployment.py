"""A deployment: a validated `bot.toml` and the folder it describes."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.deployment.schema import BotToml, FileTable, ServiceTable, UpstreamTable
from harness.vocabulary import Desk, NotApplicable
from harness.vocabulary.roles import CATALOGUE_LIMITS, File, Limit, Service, Upstream

PLACES = ("python", "root")
"""What a command line and a setting of `bot.toml` may name in braces."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """One bot on disk. `toml_path` is the `bot.toml`; `root` the folder that holds code and state."""

    toml_path: Path
    root: Path
    toml: BotToml

    @property
    def name(self) -> str:
        return self.toml.name

    @property
    def desks(self) -> tuple[Desk, ...]:
        return self.toml.desks

    def runs(self, desk: Desk) -> bool:
        """Whether this bot runs `desk`, so that points about it concern this bot."""
        return any(desk.covers(own) for own in self.desks)

    @property
    def python(self) -> str:
        """The interpreter that runs the bot; symlinks are kept, since a virtual environment is one."""
        if not self.toml.code.python:
            return sys.executable
        return str((self.toml_path.parent / self.toml.code.python).absolute())

    @property
    def python_path(self) -> tuple[Path, ...]:
        return tuple((self.root / entry).resolve() for entry in self.toml.code.python_path)

    @property
    def own_modules(self) -> tuple[str, ...]:
        """The bot's own code as it would be imported: `trader`, and `strategies.*` for a folder of modules."""
        found: list[str] = []
        for folder in self.python_path:
            found += sorted(entry.stem for entry in folder.glob("*.py") if entry.stem.isidentifier())
            within = (entry for entry in folder.iterdir() if entry.name.isidentifier() and entry.is_dir())
            found += sorted(f"{entry.name}.*" for entry in within if any(entry.glob("*.py")))
        return tuple(dict.fromkeys(found))

    @property
    def limits(self) -> Mapping[Limit, float]:
        """Every limit: the bot's own where it states one, else the catalogue's."""
        return {**CATALOGUE_LIMITS, **self.toml.limits}

    def service(self, role: Service) -> ServiceTable:
        """The process that plays `role`; raises `NotApplicable` where the bot has none."""
        try:
            return self.toml.services[role]
        except KeyError:
            raise NotApplicable(f"bot.toml has no [services.{role}]") from None

    def file(self, role: File) -> FileTable:
        """The file that plays `role`; raises `NotApplicable` where the bot has none."""
        try:
            return self.toml.files[role]
        except KeyError:
            raise NotApplicable(f"bot.toml has no [files.{role}]") from None

    def upstream(self, role: Upstream) -> UpstreamTable:
        """The outside party that plays `role`; raises `NotApplicable` where the bot has none."""
        try:
            return self.toml.upstreams[role]
        except KeyError:
            raise NotApplicable(f"bot.toml has no [upstreams.{role}]") from None

    def path(self, role: File) -> Path:
        """Where the file of `role` lies in this deployment."""
        return self.root / self.file(role).path

    def command(self, role: Service) -> list[str]:
        """The command line of the service, placeholders filled in."""
        return [word.format(**self._places) for word in self.service(role).command]

    def settings(self) -> dict[str, str]:
        """The deployment's plain settings for a process's environment; no secrets."""
        return {name: value.format(**self._places) for name, value in self.toml.environment.set.items()}

    @property
    def _places(self) -> dict[str, str]:
        return dict(zip(PLACES, (self.python, str(self.root)), strict=True))
