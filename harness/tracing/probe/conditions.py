"""Conditions rewritten so that they leave their operands behind, evaluating each exactly once and in order.

A condition becomes an expression of the same truth plus a *tree* (JSON-able) that says which slot of its event holds
which operand and which slot holds the truth of which leaf. Slots of leaves that a short circuit skipped are stale or
None; the tree's truths say so.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, Protocol

from . import build, nodes, words
from .scope import Scope

Tree = dict[str, Any]
_OPERATORS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}


class Keep(Protocol):
    """Where operands are left: locals of the function, or one dict per element of a comprehension."""

    def hold(self, value: ast.expr, *, sure: bool) -> tuple[ast.expr, int]:
        """An expression of the same value that leaves it behind, and the number of its slot."""

    def read(self, slot: int) -> ast.expr:
        """An expression that reads a slot."""


class Locals:
    """Operands in temporaries of the function (PEP 572 assignment expressions)."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self.names: list[str] = []

    def hold(self, value: ast.expr, *, sure: bool) -> tuple[ast.expr, int]:
        """Bind to a new local; where evaluation is not certain the local is preset to None at entry.

        A name that was certainly evaluated is its own slot: to read it again asks nothing of the bot.
        """
        if sure and isinstance(value, ast.Name):
            self.names.append(value.id)
            return value, len(self.names) - 1
        self.names.append(self._scope.temp(may_be_unset=not sure))
        return build.bind(self.names[-1], value), len(self.names) - 1

    def read(self, slot: int) -> ast.expr:
        """Read the local."""
        return build.load(self.names[slot])

    def again(self, value: ast.expr, slot: int) -> ast.expr:
        """Bind to a local that is already there."""
        return build.bind(self.names[slot], value)

    def values(self) -> list[ast.expr]:
        """All slots in order."""
        return [build.load(name) for name in self.names]


class Cells:
    """Operands in a dict that is a local of the comprehension or lambda: `d.setdefault(slot, value)` is all C."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._slots = 0

    def hold(self, value: ast.expr, *, sure: bool) -> tuple[ast.expr, int]:
        """Put into the dict and go on with the value."""
        slot = self._slots
        self._slots += 1
        target = ast.Attribute(value=build.load(self.name), attr="setdefault", ctx=ast.Load())
        return ast.Call(func=target, args=[build.const(slot), value], keywords=[]), slot

    def read(self, slot: int) -> ast.expr:
        """Read from the dict."""
        return build.item(build.load(self.name), slot)


class Condition:
    """Rewrites one condition. `expression` rewrites what stands inside an operand."""

    def __init__(self, keep: Keep, expression: Callable[[ast.expr], ast.expr]) -> None:
        self._keep = keep
        self._expression = expression
        self.leaves = 0
        self.cheap = True
        """Whether operands are such as never change after the event: ordered comparisons and constants."""

    def test(self, node: ast.expr) -> tuple[ast.expr, Tree]:
        """A condition of which only the truth counts (`if`, `while`, `assert`, a filter)."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            inner, tree = self.test(node.operand)
            return ast.copy_location(ast.UnaryOp(op=node.op, operand=inner), node), {"op": "not", "of": [tree]}
        if isinstance(node, ast.BoolOp | ast.IfExp):
            return self._logic(node, sure=True)
        return self._leaf(node, sure=True, alone=True)

    def _logic(self, node: ast.expr, *, sure: bool) -> tuple[ast.expr, Tree]:
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            inner, tree = self._logic(node.operand, sure=sure)
            return ast.copy_location(ast.UnaryOp(op=node.op, operand=inner), node), {"op": "not", "of": [tree]}
        if isinstance(node, ast.BoolOp):
            parts = [self._logic(part, sure=sure and index == 0) for index, part in enumerate(node.values)]
            joined = ast.BoolOp(op=node.op, values=[part for part, _ in parts])
            kind = "and" if isinstance(node.op, ast.And) else "or"
            return ast.copy_location(joined, node), {"op": kind, "of": [tree for _, tree in parts]}
        if isinstance(node, ast.IfExp):
            test, asked = self._logic(node.test, sure=sure)
            body, yes = self._logic(node.body, sure=False)
            orelse, no = self._logic(node.orelse, sure=False)
            chosen = ast.IfExp(test=test, body=body, orelse=orelse)
            return ast.copy_location(chosen, node), {"op": "if", "of": [asked, yes, no]}
        return self._leaf(node, sure=sure, alone=False)

    def _leaf(self, node: ast.expr, *, sure: bool, alone: bool) -> tuple[ast.expr, Tree]:
        self.leaves += 1
        rewritten, tree = self._operands(node, sure=sure)
        if alone:
            return rewritten, {**tree, "truth": -1}
        held, slot = self._keep.hold(ast.copy_location(build.truth(rewritten), node), sure=sure)
        return held, {**tree, "truth": slot}

    def _operands(self, node: ast.expr, *, sure: bool) -> tuple[ast.expr, Tree]:
        if isinstance(node, ast.Compare):
            return self._comparison(node, sure=sure)
        self.cheap = False
        held, slot = self._keep.hold(self._expression(node), sure=sure)
        return held, {"op": "truth", "sides": [_side(node, slot)]}

    def _comparison(self, node: ast.Compare, *, sure: bool) -> tuple[ast.expr, Tree]:
        plain = any(isinstance(part, ast.Constant) and part.value is not None for part in _parts(node))
        ordered = all(isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for op in node.ops)
        self.cheap = self.cheap and (ordered or (plain and all(isinstance(o, ast.Eq | ast.NotEq) for o in node.ops)))
        new: list[ast.expr] = []
        sides: list[Tree] = []
        for index, part in enumerate(_parts(node)):
            if isinstance(part, ast.Constant):
                new.append(part)
                sides.append(_side(part, -1))
                continue
            held, slot = self._keep.hold(self._expression(part), sure=sure and index < 2)
            new.append(held)
            sides.append(_side(part, slot))
        compare = ast.Compare(left=new[0], ops=node.ops, comparators=new[1:])
        return ast.copy_location(compare, node), {
            "op": "cmp",
            "ops": [_OPERATORS[type(op)] for op in node.ops],
            "sides": sides,
        }

    def value(self, node: ast.expr, *, sure: bool = True) -> tuple[ast.expr, Tree]:
        """A condition whose value counts too (`return a and b`): the same object comes out."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            inner, tree = self._logic(node.operand, sure=sure)
            return ast.copy_location(ast.UnaryOp(op=node.op, operand=inner), node), {"op": "not", "of": [tree]}
        if isinstance(node, ast.BoolOp):
            return self._choice(node, node.values, sure=sure)
        if isinstance(node, ast.Compare):
            self.leaves += 1
            rewritten, tree = self._comparison(node, sure=sure)
            return rewritten, {**tree, "truth": -1}
        self.leaves += 1
        rewritten, tree = self._operands(node, sure=sure)
        return rewritten, {**tree, "truth": -1}

    def _choice(self, node: ast.BoolOp, values: list[ast.expr], *, sure: bool) -> tuple[ast.expr, Tree]:
        kind = "and" if isinstance(node.op, ast.And) else "or"
        first_tree: Tree
        if isinstance(values[0], ast.BoolOp):
            if not isinstance(self._keep, Locals):
                return node, {"op": "truth", "sides": [_side(node, -1)], "truth": -1}
            _, kept = self._keep.hold(build.const(None), sure=sure)
            asked, first_tree = self._into(values[0], kept, self._keep, sure=sure)
        else:
            first, tree = self.value(values[0], sure=sure)
            held, kept = self._keep.hold(first, sure=sure)
            asked, truth = self._keep.hold(ast.copy_location(build.truth(held), node), sure=sure)
            first_tree = {**tree, "truth": truth} if tree["op"] in ("cmp", "truth") else {**tree, "outer": truth}
        rest, rest_tree = (
            self.value(values[1], sure=False) if len(values) == 2 else self._choice(node, values[1:], sure=False)
        )
        back = self._keep.read(kept)
        branches = (rest, back) if kind == "and" else (back, rest)
        chosen = ast.copy_location(ast.IfExp(test=asked, body=branches[0], orelse=branches[1]), node)
        return chosen, {"op": kind, "of": [first_tree, rest_tree]}

    def kept(self, node: ast.expr, keep: Locals) -> tuple[ast.expr, Tree, str]:
        """A condition whose value counts too, as a test; and the local in which the test leaves that value."""
        _, slot = keep.hold(build.const(None), sure=True)
        asked, tree = self._into(node, slot, keep, sure=True)
        return asked, tree, keep.names[slot]

    def _into(self, node: ast.expr, slot: int, keep: Locals, *, sure: bool) -> tuple[ast.expr, Tree]:
        """An and/or inside another one: as a test, so that no truth is asked twice, with its value left in a slot."""
        if isinstance(node, ast.BoolOp):
            parts = [self._into(part, slot, keep, sure=sure and index == 0) for index, part in enumerate(node.values)]
            joined = ast.BoolOp(op=node.op, values=[part for part, _ in parts])
            kind = "and" if isinstance(node.op, ast.And) else "or"
            return ast.copy_location(joined, node), {"op": kind, "of": [tree for _, tree in parts]}
        value, tree = self.value(node, sure=sure)
        asked = ast.copy_location(build.truth(keep.again(value, slot)), node)
        held, truth = keep.hold(asked, sure=sure)
        return held, {**tree, "truth": truth} if tree["op"] in ("cmp", "truth") else {**tree, "outer": truth}


def is_boolean(node: ast.expr) -> bool:
    """Whether an expression is a comparison, a negation or an and/or of such."""
    return isinstance(node, ast.Compare) or _is_logic(node)


def _is_logic(node: ast.expr) -> bool:
    return isinstance(node, ast.BoolOp) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not))


def _parts(node: ast.Compare) -> list[ast.expr]:
    return [node.left, *node.comparators]


def _side(node: ast.expr, slot: int) -> Tree:
    names = sorted({part.id for part in nodes.inside(node) if isinstance(part, ast.Name)})
    inner = node.value if isinstance(node, ast.NamedExpr) else node
    inner = inner.value if isinstance(inner, ast.Await) else inner
    parts = list(nodes.inside(inner))
    called = {words.call_name(part) for part in parts if isinstance(part, ast.Call)} - {""}
    called |= {part.attr for part in parts if isinstance(part, ast.Attribute)}  # it may be a property
    return {
        "text": words.text_of(node, 80),
        "slot": slot,
        "names": names,
        "calls": sorted(called),
        "by_name": isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name),
        "const": isinstance(node, ast.Constant) or is_upper(node),
    }


def is_upper(node: ast.expr) -> bool:
    """Whether an expression is a name written as constants and the members of enums are."""
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return len(name) > 1 and name.isupper()
