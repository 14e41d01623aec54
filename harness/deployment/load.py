"""Reading a `bot.toml`: each way it can be wrong is one sentence that names the file, the key and the way out."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from harness.deployment.deployment import PLACES, Deployment
from harness.deployment.schema import SCHEMA_VERSION, BotToml, relative_inside


class DeploymentError(Exception):
    """A `bot.toml` that cannot be used; the message is one sentence for its owner."""


def load(path: Path) -> Deployment:
    """Read and validate the `bot.toml` at `path`.

    Raises `DeploymentError` when it is missing, unreadable, not TOML, of another schema version, has unknown or
    wrong-typed keys, or names paths outside its folder.
    """
    path = path.absolute()
    table = _parse(path)
    version = table.get("schema")
    if version is None:
        raise DeploymentError(f"{path}: the key `schema` is missing; write `schema = {SCHEMA_VERSION}` at its top")
    if version != SCHEMA_VERSION or isinstance(version, bool):
        hint = "update the harness" if type(version) is int and version > SCHEMA_VERSION else "correct it"
        raise DeploymentError(
            f"{path}: schema {version!r} is not known here; this harness reads schema {SCHEMA_VERSION}, so {hint}"
        )
    try:
        toml = BotToml.model_validate(table)
    except ValidationError as error:
        raise DeploymentError(f"{path}: {_sentence(error)}") from None
    return _resolve(path, toml)


def _parse(path: Path) -> dict[str, Any]:
    if path.is_dir():
        raise DeploymentError(f"{path} is a folder; give the path of its bot.toml")
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        raise DeploymentError(f"{path} does not exist; give the path of a bot.toml with --bot") from None
    except OSError as error:
        raise DeploymentError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise DeploymentError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    if not text.strip():
        raise DeploymentError(f"{path} is empty; copy bot/bot.toml as a start")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DeploymentError(f"{path} is not valid TOML: {error}; correct it there, or restore it") from None


def _resolve(path: Path, toml: BotToml) -> Deployment:
    root = (path.parent / toml.code.root).resolve()
    if not root.is_dir():
        raise DeploymentError(f"{path}: [code] root = {toml.code.root!r} is not a folder")
    inside = [("code.writes", entry) for entry in toml.code.writes]
    inside += [(f"files.{role}.path", table.path) for role, table in toml.files.items()]
    for key, entry in inside:
        if not relative_inside(root, entry):
            raise DeploymentError(f"{path}: {key} = {entry!r} leaves the bot's folder {root}; give a path inside it")
    for key, text in _templates(toml):
        _fill(path, key, text)
    deployment = Deployment(path, root, toml)
    if toml.code.python and not Path(deployment.python).exists():
        raise DeploymentError(f"{path}: [code] python = {toml.code.python!r} does not exist ({deployment.python})")
    return deployment


def _templates(toml: BotToml) -> Iterator[tuple[str, str]]:
    """Every value in which places are filled in, with its key."""
    for role, service in toml.services.items():
        yield from ((f"services.{role}.command", word) for word in service.command)
    yield from ((f"environment.set.{name}", value) for name, value in toml.environment.set.items())


def _fill(path: Path, key: str, text: str) -> None:
    """Raises `DeploymentError` where `text` names a place that nobody fills in."""
    try:
        text.format(**dict.fromkeys(PLACES, ""))
    except (KeyError, IndexError, ValueError, AttributeError):
        known = " and ".join(f"{{{place}}}" for place in PLACES)
        raise DeploymentError(
            f"{path}: {key} = {text!r} cannot be filled in: {known} are the places it may name, and {{{{ is a brace"
        ) from None


def _sentence(error: ValidationError) -> str:
    """The first problem of a validation, said with its key and, for a misspelling, the nearest known key."""
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"] if part != "[key]") or "the file"
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(first["loc"][-1]), _known_keys(first["loc"][:-1]), 1)
        return f"unknown key `{key}`" + (f"; did you mean `{near[0]}`?" if near else "; remove it")
    if first["loc"][-1] == "[key]":
        expected = re.findall(r"'([^']+)'", str(first.get("ctx", {}).get("expected", "")))
        near = difflib.get_close_matches(str(first["loc"][-2]), expected, 1)
        hint = f"did you mean `{near[0]}`?" if near else f"the known ones are {', '.join(expected)}"
        return f"unknown key `{key}`; {hint}"
    if first["type"] == "missing":
        return f"the key `{key}` is missing"
    message = first["msg"].removeprefix("Value error, ")
    return f"`{key}`: {message[0].lower()}{message[1:]}"


def _known_keys(location: tuple[int | str, ...]) -> list[str]:
    """The keys that the table at `location` may have."""
    model: type[BaseModel] = BotToml
    for part in location:
        field = next((f for name, f in model.model_fields.items() if part in (name, f.alias)), None)
        if field is None:
            continue  # the name of an entry of a mapping (`services.X`): its table is the mapping's value type
        candidates = [field.annotation, *get_args(field.annotation)]
        model = next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), model)
    return [field.alias or name for name, field in model.model_fields.items()]
