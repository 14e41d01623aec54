"""Broken copies of a judge, made by rewriting its module's syntax tree in memory.

Five ways: it always says OK, it always says ERROR, it raises, a limit is doubled, a comparison or a condition is
turned round (`<` to `>=`, and `<` to `<=` for the edge). One mutant for each place, so that each is killed or
survives by itself.
"""

from __future__ import annotations

import ast
import copy
import importlib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from harness.failure_point import FailurePoint

Change = Callable[[ast.AST], None]

TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
EDGE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One broken copy; `name` says what was broken, and where."""

    name: str
    point: FailurePoint


def mutants_of(point: FailurePoint) -> Iterator[Mutant]:
    """Every mutant of the judge of `point`."""
    module = importlib.import_module(point.detect.__module__)
    source = inspect.getsource(module)
    tree = ast.parse(source)
    for name, index, change in _places(tree, point.detect.__name__):
        broken = copy.deepcopy(tree)
        node = list(ast.walk(broken))[index]
        before = ast.unparse(node).splitlines()[0]
        change(node)
        after = ast.unparse(node).splitlines()[0]
        line = getattr(node, "lineno", 0)
        yield Mutant(name=f"{point.sheet.id} {name}, line {line}: {before} -> {after}", point=_load(broken, module))
    for status, other in (("ERROR", "OK"), ("OK", "ERROR")):
        yield Mutant(name=f"{point.sheet.id} always {other}", point=_load(_always(tree, status, other), module))


def _places(tree: ast.Module, judge: str) -> Iterator[tuple[str, int, Change]]:
    """What can be broken: a name, the node's place in `ast.walk`, and the change."""
    defined = {id(node) for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    inside = {id(node) for top in tree.body if id(top) in defined for node in ast.walk(top)}
    for index, node in enumerate(ast.walk(tree)):
        if isinstance(node, ast.FunctionDef) and node.name == judge:
            yield "raising", index, _raise
        if isinstance(node, ast.Constant) and _is_limit(tree, node):
            yield "limit doubled", index, _double
        if id(node) not in inside:
            continue
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute) and node.value.attr == "limits":
            yield "limit doubled", index, _double_looked_up
        if isinstance(node, ast.Compare):
            yield "comparison turned", index, _turn(TURNED)
            if type(node.ops[0]) in EDGE:
                yield "edge moved", index, _turn(EDGE)
        elif isinstance(node, ast.If | ast.IfExp) and not isinstance(node.test, ast.Compare):
            yield "condition turned", index, _turn_condition


def _is_limit(tree: ast.Module, constant: ast.Constant) -> bool:
    """Whether it is a number in a module's own constant, or the default of an evidence's `_min` or `_max`."""
    if not isinstance(constant.value, int | float) or isinstance(constant.value, bool):
        return False
    evidence = [line for top in tree.body if isinstance(top, ast.ClassDef) for line in top.body]
    for line in (*tree.body, *evidence):
        named = isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name) and line.targets[0].id.isupper()
        limit = isinstance(line, ast.AnnAssign) and ast.unparse(line.target).endswith(("_min", "_max"))
        value = line.value if isinstance(line, ast.Assign | ast.AnnAssign) else None
        if value is None or isinstance(value, ast.Call) or not (named or limit):
            continue
        if any(node is constant for node in ast.walk(value)):
            return True
    return False


def _raise(node: ast.AST) -> None:
    assert isinstance(node, ast.FunctionDef)
    node.body = [ast.parse("raise RuntimeError('a mutant')").body[0]]


def _double(node: ast.AST) -> None:
    assert isinstance(node, ast.Constant)
    assert isinstance(node.value, int | float)
    node.value = node.value * 2


def _double_looked_up(node: ast.AST) -> None:
    """`snapshot.limits[X]` becomes `{X: 2 * snapshot.limits[X]}[X]`: the same node, twice the value."""
    assert isinstance(node, ast.Subscript)
    doubled = ast.BinOp(left=ast.Constant(2), op=ast.Mult(), right=ast.Subscript(node.value, node.slice, ast.Load()))
    node.value = ast.Dict(keys=[copy.deepcopy(node.slice)], values=[doubled])


def _turn(table: dict[type[ast.cmpop], type[ast.cmpop]]) -> Change:
    def turn(node: ast.AST) -> None:
        assert isinstance(node, ast.Compare)
        node.ops = [table[type(node.ops[0])](), *node.ops[1:]]

    return turn


def _turn_condition(node: ast.AST) -> None:
    assert isinstance(node, ast.If | ast.IfExp)
    node.test = ast.UnaryOp(op=ast.Not(), operand=node.test)


def _always(tree: ast.Module, status: str, other: str) -> ast.Module:
    broken = copy.deepcopy(tree)
    for node in ast.walk(broken):
        if isinstance(node, ast.Attribute) and ast.unparse(node) == f"Status.{status}":
            node.attr = other
    return broken


def _load(tree: ast.Module, module: Any) -> FailurePoint:
    """Run a rewritten module under its own name, without touching the one that is imported."""
    names: dict[str, Any] = {"__name__": module.__name__, "__file__": module.__file__}
    code = compile(ast.fix_missing_locations(tree), f"<mutant of {module.__name__}>", "exec")
    exec(code, names)  # noqa: S102 - the code is our own module, with one node changed
    point: FailurePoint = names["FP"]
    return point
