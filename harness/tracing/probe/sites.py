"""The tables of places: what stands where in the rewritten source, written once when a module is rewritten.

A site is a plain JSON-able dict with the key `k` (its kind); its number is its place in `SITES`. Events carry the
number only, so that recording is an append and all text stays here.
"""

from __future__ import annotations

from typing import Any

Site = dict[str, Any]

SITES: list[Site] = []
FUNCTIONS: list[int] = []
OF_FUNCTION: dict[int, list[int]] = {}
"""The sites of each function, so that a record costs what was met and not what there is."""
_STEPS: dict[str, list[int]] = {}
_CARRIERS: dict[int, list[str]] = {}


def add(kind: str, **fields: Any) -> int:
    """Write one site and return its number."""
    SITES.append({"k": kind, **fields})
    number = len(SITES) - 1
    if kind == "fn":
        FUNCTIONS.append(number)
    else:
        OF_FUNCTION.setdefault(fields["fn"], []).append(number)
    if kind == "step":
        _STEPS.setdefault(fields["name"], []).append(number)
    return number


def forget(known: int) -> None:
    """Take back the sites of a module that could not be rewritten: all from this number on."""
    del SITES[known:]
    FUNCTIONS[:] = [number for number in FUNCTIONS if number < known]
    for table in (OF_FUNCTION, _STEPS):
        for numbers in table.values():
            numbers[:] = [number for number in numbers if number < known]


def carriers() -> list[str]:
    """The simple names of traced functions that lead to an order: their own body, or one they call, sends it."""
    if len(SITES) not in _CARRIERS:
        _CARRIERS[len(SITES)] = _carriers()
    return _CARRIERS[len(SITES)]


def _carriers() -> list[str]:
    callers: dict[str, list[str]] = {}
    waiting: list[str] = []
    for number in FUNCTIONS:
        function = SITES[number]
        for name, rank in function["calls"]:
            callers.setdefault(name, []).append(function["name"])
            if rank >= 3:
                waiting.append(function["name"])
    wanted: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in wanted:
            wanted.add(name)
            waiting += callers.get(name, ())
    return sorted(wanted)


def followed(names: frozenset[str]) -> frozenset[int]:
    """The numbers of the assignments to one of these names."""
    return frozenset(number for name in names for number in _STEPS.get(name, ()))
