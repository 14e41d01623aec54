"""The words of a call, resolved inside the fork: references, results of calls, and the signals themselves."""

from __future__ import annotations

import importlib
from typing import Any

from .where import said

_SIGNALS, _SIGNAL, _REF, _CALL = "$signals", "$signal", "$ref:", "$call:"


class Unresolved(LookupError):
    """A word of the call names nothing in the bot. The message is one sentence."""


class Unmade(LookupError):
    """The bot's own class does not make a signal of what it is given. The message is one sentence."""


def named(name: str) -> Any:
    """The object called "module:qualname". Raises Unresolved where the bot has no such thing."""
    module_name, colon, qualname = name.partition(":")
    if not colon or not module_name or not qualname:
        raise Unresolved(f"{name!r} names nothing: write it as module:function")
    try:
        found: Any = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is not None and module_name.startswith(error.name):
            raise Unresolved(f"the bot has no module {module_name} (wanted for {name})") from error
        raise
    for part in qualname.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            raise Unresolved(f"the bot has no {name}: {part!r} is not defined there") from None
    return found


def signals_of(rows: list[Any], factory: str | None) -> list[Any]:
    """The signals as the bot knows them: dicts as they are, or one object per dict made by `factory(**dict)`.

    Raises Unresolved, Unmade.
    """
    if factory is None:
        return rows
    make = named(factory)
    try:
        return [make(**row) for row in rows]
    except Exception as error:
        names = ", ".join(rows[0]) if rows else ""
        told = f"{factory}, given {names}, raised {said(error)}"
        raise Unmade(f"the golden signal cannot be made: {told}") from error


def resolved(value: Any, signals: list[Any]) -> Any:
    """A JSON value with its words replaced; lists and dicts are looked through."""
    if isinstance(value, list):
        return [resolved(item, signals) for item in value]
    if isinstance(value, dict):
        return {key: resolved(item, signals) for key, item in value.items()}
    if not isinstance(value, str):
        return value
    if value == _SIGNALS:
        return signals
    if value == _SIGNAL:
        return next(iter(signals), None)
    if value.startswith(_REF):
        return named(value[len(_REF) :])
    if value.startswith(_CALL):
        return named(value[len(_CALL) :])()
    return value


def target_of(call: dict[str, Any], signals: list[Any]) -> Any:
    """What is to be called: a function by name, or a method of the call's instance."""
    if not call.get("instance"):
        return named(call["target"])
    instance = resolved(call["instance"], signals)
    method = call["target"].rpartition(":")[2].rpartition(".")[2]
    if not hasattr(instance, method):
        raise Unresolved(f"{type(instance).__name__} has no method {method!r} (wanted for {call['target']})")
    return getattr(instance, method)
