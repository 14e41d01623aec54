"""The tables of places: what stands where in the rewritten source, written once when a module is rewritten.

A site is a plain JSON-able dict with the key `k` (its kind); its number is its place in `SITES`. Events carry the
number only, so that recording is an append and all text stays here.
"""

from __future__ import annotations

from typing import Any

Site = dict[str, Any]

SITES: list[Site] = []
OF_FUNCTION: dict[int, list[int]] = {}
"""The sites of each function, so that a record costs what was met and not what there is."""
_STEPS: dict[str, list[int]] = {}
_CALLERS: dict[str, set[str]] = {}
_CARRIERS: set[str] = set()


def add(kind: str, **fields: Any) -> int:
    """Write one site and return its number."""
    SITES.append({"k": kind, **fields})
    number = len(SITES) - 1
    if kind != "fn":
        OF_FUNCTION.setdefault(fields["fn"], []).append(number)
    if kind == "step":
        _STEPS.setdefault(fields["name"], []).append(number)
    return number


def complete(number: int, *, skeleton: list[Any], calls: list[tuple[str, int]], params: list[str]) -> None:
    """Add to the site of a function what is known at its end. `calls`: each name called, with its rank."""
    SITES[number].update(skeleton=skeleton, calls=calls, params=params)
    _link(number)


def forget(known: int) -> None:
    """Take back the sites of a module that could not be rewritten: all from this number on."""
    del SITES[known:]
    for table in (OF_FUNCTION, _STEPS):
        for numbers in table.values():
            numbers[:] = [number for number in numbers if number < known]
    _CALLERS.clear()
    _CARRIERS.clear()
    for number, site in enumerate(SITES):
        if site["k"] == "fn":
            _link(number)


def carriers() -> list[str]:
    """The simple names of traced functions that lead to an order: their own body, or one they call, sends it."""
    return sorted(_CARRIERS)


def _link(number: int) -> None:
    """Note who calls whom as each function is met, so that no record has to work it out."""
    name = SITES[number]["name"]
    for called, rank in SITES[number]["calls"]:
        _CALLERS.setdefault(called, set()).add(name)
        if rank >= 3 or called in _CARRIERS:
            _carry(name)


def _carry(name: str) -> None:
    waiting = [name]
    while waiting:
        met = waiting.pop()
        if met not in _CARRIERS:
            _CARRIERS.add(met)
            waiting += _CALLERS.get(met, ())


def followed(names: frozenset[str]) -> frozenset[int]:
    """The numbers of the assignments to one of these names."""
    return frozenset(number for name in names for number in _STEPS.get(name, ()))
