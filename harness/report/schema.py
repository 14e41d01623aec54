"""The schema of `verdict.json`, told from the types themselves, so that the page about it cannot fall behind."""

from __future__ import annotations

import ast
import dataclasses
import enum
import inspect
import textwrap
import types
import typing
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec

from harness.report.meanings import MEANINGS
from harness.verdict.document import DOCUMENT_VERSION, Document

_SIMPLE = {str: "text", int: "whole number", float: "number", bool: "true or false", Decimal: "decimal, as text"}
_BY_SUFFIX = (
    ("_at_s", "Unix seconds, UTC."),
    ("until_s", "Unix seconds, UTC."),
    ("time_s", "Unix seconds."),
    ("_s", "Seconds."),
)
_HEAD = f"""# The schema of `reports/verdict.json`

Version {DOCUMENT_VERSION}. One JSON object, UTF-8, keys in the order below. Enumerations are written as their words,
decimals as text, times as unix seconds in UTC. A number that JSON cannot say (infinite, or past 2^53) is written as
text. A reader that meets another `version`, an unknown key or a wrong type must refuse the verdict.

This page is generated from the types in `harness/verdict/document.py` and `harness/vocabulary/`.
"""


def schema_markdown() -> str:
    """The schema as Markdown: one table of fields per type, in the order in which the document reaches them."""
    return "\n".join([_HEAD, *(_table(kind) for kind in reached(Document))])


def json_schema() -> dict[str, Any]:
    """The schema as JSON Schema (2020-12), for readers in other languages."""
    return msgspec.json.schema(Document)


def reached(root: type) -> list[type]:
    """`root` and every dataclass that its fields lead to, breadth first."""
    found = [root]
    for kind in found:  # grows while it is walked
        for hint in typing.get_type_hints(kind).values():
            found += [part for part in _parts(hint) if _is_dataclass(part) and part not in found]
    return found


def _is_dataclass(part: Any) -> bool:
    return isinstance(part, type) and dataclasses.is_dataclass(part)


def _parts(hint: Any) -> list[Any]:
    inner = typing.get_args(hint)
    return [part for argument in inner for part in _parts(argument)] if inner else [hint]


def _table(kind: type) -> str:
    hints = typing.get_type_hints(kind)
    rows = [f"| `{name}` | {_type_text(hints[name])} | {meaning} |" for name, meaning in meanings(kind).items()]
    doc = " ".join(inspect.cleandoc(kind.__doc__ or "").split())
    return "\n".join([f"## {kind.__name__}\n", doc, "", "| field | type | meaning |", "| --- | --- | --- |", *rows, ""])


def meanings(kind: type) -> dict[str, str]:
    """What each field of a dataclass means: its own docstring, else our word for it, else what its unit says."""
    notes = _attribute_docstrings(kind)
    return {
        field.name: notes.get(field.name) or MEANINGS.get(f"{kind.__name__}.{field.name}") or _by_suffix(field.name)
        for field in dataclasses.fields(kind)
    }


def _type_text(hint: Any) -> str:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return " or ".join("null" if part is type(None) else _type_text(part) for part in inner)
    if origin is tuple and len(inner) == 2 and inner[1] is Ellipsis:
        return f"list of {_type_text(inner[0])}"
    if origin is tuple:
        return f"list of {len(inner)} ({', '.join(map(_type_text, inner))})"
    if origin is not None and issubclass(origin, Mapping):
        return "object"
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return "one of " + ", ".join(f"`{member.value}`" for member in hint)
    if _is_dataclass(hint):
        return f"[{hint.__name__}](#{hint.__name__.lower()})"
    return _SIMPLE[hint]


def _by_suffix(name: str) -> str:
    return next((meaning for suffix, meaning in _BY_SUFFIX if name.endswith(suffix)), "")


def _attribute_docstrings(kind: type) -> dict[str, str]:
    """The string that stands below each field in the source of `kind`, on one line."""
    body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for field, below in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
            and isinstance(below.value.value, str)
        ):
            found[field.target.id] = " ".join(below.value.value.split())
    return found
