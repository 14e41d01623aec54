"""What a remedy does on the bot's host: four acts, each touching its target and nothing else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from harness.deployment import Deployment
from harness.observe.files import field
from harness.remedy import Act, Remedy
from harness.services import ServicePort
from harness.vocabulary.roles import RELEASED_BY_A_PERSON, File, Service


class ActFailed(Exception):
    """The act could not be done; the message is one sentence."""


def act(remedy: Remedy, deployment: Deployment, ports: Mapping[Service, ServicePort]) -> str:
    """Execute `remedy` and say in one sentence what was done.

    Raises `ActFailed`, or the service manager's `ServiceFailed`.
    """
    if remedy.act is Act.RESTART and remedy.service is not None:
        return _restart(remedy.service, deployment, ports)
    if remedy.act is Act.RESTORE and remedy.file is not None:
        return _restore(remedy.file, deployment)
    if remedy.act is Act.COMPLETE and remedy.file is not None:
        return _complete(remedy.file, deployment)
    if remedy.act is Act.CREATE_MISSING:
        return _create_missing(deployment)
    raise ActFailed(f"the remedy {remedy} names no target that it could act upon")


def _restart(role: Service, deployment: Deployment, ports: Mapping[Service, ServicePort]) -> str:
    port = ports.get(role)
    if port is None:
        raise ActFailed(f"no service manager is known for {role}; give bot.toml a [services.{role}.live] table")
    live = deployment.service(role).live
    name = live.name if live else str(role)
    port.restart(name)
    return f"restarted {name}"


def _default(role: File, deployment: Deployment) -> Path:
    declared = deployment.file(role).default
    if not declared:
        raise ActFailed(f"[files.{role}] declares no default to restore from")
    return deployment.root / declared


def _restore(role: File, deployment: Deployment) -> str:
    path, default = deployment.path(role), _default(role, deployment)
    if path.exists():
        raise ActFailed(f"{deployment.file(role).path} is there; restoring would overwrite it")
    if role in RELEASED_BY_A_PERSON:
        path_said = deployment.file(role).path
        raise ActFailed(f"{path_said} may have held a brake or an open order; a person must put it back")
    _replace(path, default.read_bytes())
    return f"created {deployment.file(role).path} from its declared default"


def _create_missing(deployment: Deployment) -> str:
    """Create what is missing, and leave to a person what no default may stand in for: then it counts as failed."""
    absent = [role for role, table in deployment.toml.files.items() if table.default and not _lies(role, deployment)]
    if not absent:
        raise ActFailed("no file with a declared default is missing")
    done: list[str] = []
    for role in sorted(absent, key=lambda role: role in RELEASED_BY_A_PERSON):
        try:
            done.append(_restore(role, deployment))
        except ActFailed as error:
            raise ActFailed("; ".join([*done, str(error)])) from None
    return "; ".join(done)


def _lies(role: File, deployment: Deployment) -> bool:
    return deployment.path(role).exists()


def _complete(role: File, deployment: Deployment) -> str:
    """Add the entries that the declared default has and the file lacks; keep every one it has."""
    table, path = deployment.file(role), deployment.path(role)
    try:
        default = msgspec.json.decode(_default(role, deployment).read_bytes())
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ActFailed(f"the declared default of {table.path} is not JSON, so nothing can be taken from it") from None
    if not path.exists():
        return _restore(role, deployment)
    raw = path.read_bytes()
    try:
        content: Any = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ActFailed(f"{table.path} is not JSON; completing it would lose what it held") from None
    held, wanted = field(content, table.entries), field(default, table.entries)
    if not isinstance(held, dict) or not isinstance(wanted, dict):
        raise ActFailed(f"{table.path} has no table {table.entries!r} to complete")
    missing = {name: value for name, value in wanted.items() if name not in held}
    held.update(missing)
    shutil.copyfile(path, path.with_name(f"{path.name}.before_completion"))
    _replace(path, msgspec.json.format(msgspec.json.encode(content)))
    return f"added {len(missing)} missing entries to {table.path}; kept {len(held) - len(missing)}"


def _replace(path: Path, content: bytes) -> None:
    """Write `content` so that a reader, or a power cut, finds the old file or the new one."""
    beside = path.with_name(f".{path.name}.healing")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
