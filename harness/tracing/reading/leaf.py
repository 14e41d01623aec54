"""The deciding leaf of a condition: the comparison that settled it, its value and limit, and what it needs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

Tree = dict[str, Any]
Values = list[Any] | dict[str, Any]
_OPPOSITE = {
    "<": ">=",
    "<=": ">",
    ">": "<=",
    ">=": "<",
    "==": "!=",
    "!=": "==",
    "is": "is not",
    "is not": "is",
    "in": "not in",
    "not in": "in",
}
_MIRROR = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_ORDERED = frozenset(_MIRROR)
_LIMIT_WORDS = re.compile(
    r"(?i)(^|[_.\b])(min|max|limit|limits|threshold|cap|floor|ceiling|allowed|bound|budget|cfg|config)"
)
_PLAIN = re.compile(r"\(?([^\W\d]\w*)(?:$| :=)")


@dataclass(slots=True, kw_only=True)
class Leaf:
    """The part of a condition that settled it."""

    value: str = ""
    limit: str = ""
    needs: str = ""
    ordered: bool = False
    truth: bool = True
    names: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    by_name: bool = False
    """It is a call of something that a local name holds, such as a rule out of a table."""
    plain: list[str] = field(default_factory=list)
    """The sides that are a name and nothing else."""
    operands: tuple[tuple[str, str], ...] = ()


def deciding(tree: Tree, values: Values, outcome: bool | None) -> Leaf:
    """Find the leaf that settled a condition with this outcome, from the operands that its event kept."""
    known = [] if outcome is None else [bool(outcome)]
    leaf, truth = _settled(tree, values, known[0] if known else True)
    return _explained(leaf, values, truth)


def _truth(tree: Tree, values: Values, default: bool) -> bool | None:
    """The truth of a part, where the event tells it."""
    slot: int = tree["truth"] if "truth" in tree else tree["outer"]
    if slot >= 0:
        kept = _at(values, slot)
        return kept if isinstance(kept, bool) else None
    return default


def _settled(tree: Tree, values: Values, outcome: bool) -> tuple[Tree, bool]:
    if tree["op"] == "not":
        return _settled(tree["of"][0], values, not outcome)
    if tree["op"] in ("and", "or"):
        return _of_many(tree, values, outcome)
    if tree["op"] == "if":
        chosen = _chosen(tree, values)
        return _settled(chosen, values, outcome)
    return tree, outcome


def _chosen(tree: Tree, values: Values) -> Tree:
    """The branch of a ternary that was evaluated."""
    asked = _whole_truth(tree["of"][0], values, True)
    branch: Tree = tree["of"][2 if asked is False else 1]
    return branch


def _of_many(tree: Tree, values: Values, outcome: bool) -> tuple[Tree, bool]:
    """In `and` the first false part settles, in `or` the first true one; where all had to agree, a comparison does."""
    stops = tree["op"] == "or"
    parts: list[tuple[Tree, bool]] = []
    for part in tree["of"]:
        truth = _whole_truth(part, values, outcome)
        if truth is None:
            break
        parts.append((part, truth))
        if truth == stops:
            return _settled(part, values, truth)
    if not parts:
        return _settled(tree["of"][-1], values, outcome)
    settled = [_settled(part, values, truth) for part, truth in parts]
    compared = [found for found in settled if "ops" in found[0]]
    return next((found for found in compared if _ORDERED & set(found[0]["ops"])), (compared or settled)[0])


def _whole_truth(tree: Tree, values: Values, default: bool) -> bool | None:
    if "outer" in tree:
        return _truth(tree, values, default)
    if tree["op"] == "not":
        truth = _whole_truth(tree["of"][0], values, not default)
        return None if truth is None else not truth
    if tree["op"] == "if":
        return _whole_truth(_chosen(tree, values), values, default)
    if tree["op"] in ("and", "or"):
        stops: bool = tree["op"] == "or"
        truths = [_whole_truth(part, values, default) for part in tree["of"]]
        for truth in truths:
            if truth is None:
                return None
            if truth == stops:
                return truth
        return not stops
    return _truth(tree, values, default)


def _at(values: Values, slot: int) -> Any:
    if isinstance(values, dict):
        return values.get(str(slot))
    return values[slot] if slot < len(values) else None


def shown(value: Any) -> str:
    """A kept value as text."""
    return value if isinstance(value, str) else repr(value)


def _side(side: Tree, values: Values) -> str:
    if side["slot"] < 0:
        return str(side["text"])
    return shown(_at(values, side["slot"]))


def _explained(leaf: Tree, values: Values, truth: bool) -> Leaf:
    sides = leaf["sides"]
    operands = tuple((side["text"], _side(side, values)) for side in sides if side["slot"] >= 0)
    names = [name for side in sides for name in side["names"]]
    calls = [name for side in sides for name in side["calls"]]
    plain = [match[1] for side in sides if (match := _PLAIN.match(side["text"]))]
    by_name = any(side["by_name"] for side in sides)
    common = Leaf(operands=operands, names=names, calls=calls, by_name=by_name, plain=plain, truth=truth)
    if leaf["op"] == "truth":
        text = sides[0]["text"]
        common.value = _side(sides[0], values)
        common.needs = f"not {text}" if truth else text
        return common
    pair = _failing_pair(leaf, values, truth)
    left, right, op = sides[pair], sides[pair + 1], leaf["ops"][pair]
    numbers = _number(_side(left, values)) is not None and _number(_side(right, values)) is not None
    common.ordered = op in _ORDERED or (op in ("==", "!=") and numbers)
    wanted = _OPPOSITE[op] if truth else op
    middle = pair == 0 and len(leaf["ops"]) == 2 and not right["const"]  # `low <= x < high` is about x
    if (middle or _is_limit(left)) and not _is_limit(right):
        left, right, wanted = right, left, _MIRROR.get(wanted, wanted)
    common.value, common.limit = _side(left, values), _side(right, values)
    limit = common.limit if wanted in _ORDERED or right["slot"] < 0 else right["text"]
    common.needs = f"{left['text']} {wanted} {limit}"
    return common


def _is_limit(side: Tree) -> bool:
    return bool(side["const"]) or bool(_LIMIT_WORDS.search(side["text"]))


def _failing_pair(leaf: Tree, values: Values, truth: bool) -> int:
    """Which comparison of a chain `low <= x <= high` was false; the first one where it cannot be told."""
    if truth or len(leaf["ops"]) == 1:
        return 0
    for index, op in enumerate(leaf["ops"]):
        left, right = (_number(_side(leaf["sides"][index + step], values)) for step in (0, 1))
        if left is None or right is None:
            return index
        holds = {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right, "==": left == right}
        if not holds.get(op, True):
            return index
    return len(leaf["ops"]) - 1


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
