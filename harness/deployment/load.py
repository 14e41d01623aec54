"""Reading a `bot.toml`: each way it can be wrong is one sentence that names the file, the key and the way out."""

from __future__ import annotations

import difflib
import os
import re
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from harness.deployment.deployment import PLACES, Deployment
from harness.deployment.schema import PATTERNS, SCHEMA_VERSION, BotToml, relative_inside

SIZE_MAX = 1_000_000
"""Bytes of a `bot.toml`; ours has 5,000."""


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
    if version != SCHEMA_VERSION or type(version) is not int:
        hint = "update the harness" if type(version) is int and version > SCHEMA_VERSION else "correct it"
        raise DeploymentError(
            f"{path}: schema {version!r} is not known here; this harness reads schema {SCHEMA_VERSION}, so {hint}"
        )
    null = _null(table)
    if null is not None:
        raise DeploymentError(f"{path}: `{null}` has a null byte, which no name, path or command may have; remove it")
    try:
        toml = BotToml.model_validate(table)
    except ValidationError as error:
        raise DeploymentError(f"{path}: {_sentence(error)}") from None
    return _resolve(path, toml)


def _parse(path: Path) -> dict[str, Any]:
    text = _read(path)
    if not text.strip():
        raise DeploymentError(f"{path} is empty; copy bot/bot.toml as a start")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise DeploymentError(f"{path} is not valid TOML: it is nested too deeply; correct it, or restore it") from None
    except ValueError as error:  # a number too long to read is no TOMLDecodeError
        why = str(error).partition(";")[0]
        raise DeploymentError(f"{path} is not valid TOML: {why}; correct it there, or restore it") from None


def _null(value: Any, key: str = "") -> str | None:
    """The key of the first text with a null byte; None where there is none."""
    if isinstance(value, str):
        return key if "\0" in value else None
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = (_null(part, f"{key}.{name}".lstrip(".")) for name, item in inner for part in (str(name), item))
    return next((one for one in found if one is not None), None)


def _read(path: Path) -> str:
    """The text of the file. A device or a pipe is never read: it may have no end."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise DeploymentError(f"{path} is a folder; give the path of its bot.toml")
        if not stat.S_ISREG(status.st_mode) or status.st_size > SIZE_MAX:
            raise DeploymentError(f"{path} is no bot.toml, which is a plain file of at most {SIZE_MAX} bytes")
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise DeploymentError(f"{path} does not exist; give the path of a bot.toml with --bot") from None
    except OSError as error:
        raise DeploymentError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise DeploymentError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except ValueError as error:  # a null byte
        raise DeploymentError(f"{path} cannot be a path: {error}") from None


def _resolve(path: Path, toml: BotToml) -> Deployment:
    root = (path.parent / toml.code.root).resolve()
    if not root.is_dir():
        raise DeploymentError(f"{path}: [code] root = {toml.code.root!r} is not a folder")
    for key, entry in _inside(toml):
        if not relative_inside(root, entry):
            raise DeploymentError(f"{path}: {key} = {entry!r} leaves the bot's folder {root}; give a path inside it")
    for entry in toml.code.writes:
        if (root / entry).exists() and not (root / entry).is_dir():
            raise DeploymentError(f"{path}: code.writes = {entry!r} is a file; name the folder that it is in")
    for key, text in _templates(toml):
        _fill(path, key, text)
    deployment = Deployment(path, root, toml)
    if toml.code.python and not _is_program(Path(deployment.python)):
        missing = "cannot be run" if Path(deployment.python).exists() else "does not exist"
        raise DeploymentError(f"{path}: [code] python = {toml.code.python!r} {missing} ({deployment.python})")
    return deployment


def _inside(toml: BotToml) -> Iterator[tuple[str, str]]:
    """Every path that must stay in the bot's folder, with its key: the lab copies that folder, and looks there."""
    yield from (("code.writes", entry) for entry in toml.code.writes)
    for role, table in toml.files.items():
        yield f"files.{role}.path", table.path
        yield f"files.{role}.default", table.default
    for name, service in toml.services.items():
        yield f"services.{name}.heartbeat", service.heartbeat
        yield f"services.{name}.log", service.log


def _is_program(path: Path) -> bool:
    return path.is_file() and os.access(path, os.X_OK)


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


_IN_TOML = {
    "tuple_type": 'must be a list, such as ["x"]',
    "too_short": "must not be empty",
    "string_too_short": "must not be empty",
    "string_type": 'must be text in quotes, such as "x"',
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "model_type": "must be a table of keys and values",
    "dict_type": "must be a table of keys and values",
}
"""What is wrong with a value in the words of TOML, where pydantic has those of Python."""
_LOOKS = {
    PATTERNS["target"]: "must be `module:name`",
    PATTERNS["symbol"]: "must have no spaces in it",
    PATTERNS["variable"]: "must be the name of an environment variable",
}


def _sentence(error: ValidationError) -> str:
    """The first problem of a validation, said with its key and, for a misspelling, the nearest known key."""
    # a misspelt key before what is missing for it
    first = min(error.errors(include_url=False), key=lambda one: one["type"] != "extra_forbidden")
    key = ".".join(str(part) for part in first["loc"] if part != "[key]") or "the file"
    if first["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(first["loc"][-1]), _known_keys(first["loc"][:-1]), 1)
        return f"unknown key `{key}`" + (f"; did you mean `{near[0]}`?" if near else "; remove it")
    if first["type"] == "missing":
        return f"the key `{key}` is missing"
    if first["type"] == "string_pattern_mismatch":
        return f"`{key}`: {_LOOKS[first['ctx']['pattern']]}"
    if first["loc"][-1] == "[key]":
        expected = _words(first)
        near = difflib.get_close_matches(str(first["loc"][-2]), expected, 1)
        hint = f"did you mean `{near[0]}`?" if near else f"the known ones are {', '.join(expected)}"
        return f"unknown key `{key}`; {hint}"
    message = _IN_TOML.get(first["type"]) or first["msg"].removeprefix("Value error, ")
    message = message.replace("Input should be", "must be")
    return f"`{key}`: {message[0].lower()}{message[1:]}{_near(first)}"


def _words(error: ErrorDetails) -> list[str]:
    """The words that may stand there."""
    return re.findall(r"'([^']+)'", str(error.get("ctx", {}).get("expected", "")))


def _near(error: ErrorDetails) -> str:
    """The nearest of the words that may stand there, for a misspelt one."""
    near = difflib.get_close_matches(str(error["input"]), _words(error), 1)
    return f"; did you mean {near[0]!r}?" if near else ""


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
