"""Which failure points are catalogued (`failure-points.yaml`), and which are built (modules below `failure_points`).

There is no registry to edit: a module with an `FP` is a built point, so parallel work never collides.
"""

from __future__ import annotations

import difflib
import functools
import importlib
import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from harness import failure_points
from harness.failure_point import FailurePoint

LIST = Path(__file__).with_name("failure-points.yaml")


class UnknownPoint(LookupError):
    """No failure point has this id or name; the message names the nearest that exists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of the catalogue, as the list states it."""

    id: str
    title: str
    desk: str
    severity: str
    cause: str
    when: str
    heal: str
    blocks: str
    rows: tuple[str, ...]


@functools.cache
def entries() -> MappingProxyType[str, Entry]:
    """Every catalogued point by id, in the order of the list."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with LIST.open(encoding="utf-8") as file:
        rows: list[dict[str, Any]] = yaml.load(file, Loader=loader)  # noqa: S506 - a safe loader either way
    return MappingProxyType({row["id"]: _entry(row) for row in rows})


def _entry(row: dict[str, Any]) -> Entry:
    words = {name: str(row[name]) for name in ("id", "title", "desk", "severity", "when", "heal", "blocks")}
    return Entry(**words, cause=str(row["class"]), rows=tuple(str(cell) for cell in row["rows"]))


@functools.cache
def built() -> MappingProxyType[str, FailurePoint]:
    """Every built failure point by id, in catalogue order."""
    found: dict[str, FailurePoint] = {}
    for module in pkgutil.walk_packages(failure_points.__path__, failure_points.__name__ + "."):
        if module.ispkg:
            continue
        point: FailurePoint = importlib.import_module(module.name).FP
        if point.sheet.id in found:
            raise ValueError(f"{point.sheet.id} is the id of both {found[point.sheet.id].name} and {point.name}")
        found[point.sheet.id] = point
    order = list(entries())
    return MappingProxyType(dict(sorted(found.items(), key=lambda item: order.index(item[0]))))


def nearest(wanted: str, names: Iterable[str] = ()) -> str:
    """The valid id, or one of these names, that a misspelt one most likely meant; empty where nothing is near."""
    if wanted.upper().startswith("FP"):
        return next(iter(difflib.get_close_matches(wanted.upper(), entries(), 1, 0.4)), "")
    by_leaf = {name.rpartition("/")[2]: name for name in names}
    return by_leaf.get(next(iter(difflib.get_close_matches(wanted.rpartition("/")[2], by_leaf, 1)), ""), "")


def find(word: str) -> Entry:
    """The entry with this id, or with this name (`data/uw_cache_stale`).

    Raises `UnknownPoint` with the nearest valid one.
    """
    by_name = {point.name: point_id for point_id, point in built().items()}
    wanted = word.strip()
    point_id = by_name.get(wanted, wanted.upper())
    if point_id in entries():
        return entries()[point_id]
    near = nearest(wanted, by_name)
    hint = f"; the nearest is {near}" if near else ""
    raise UnknownPoint(f"there is no failure point {word!r}{hint}. `python -m harness catalogue` lists all")
