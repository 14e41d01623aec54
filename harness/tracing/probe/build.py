"""Small makers of syntax nodes. Every generated name begins with the scope's prefix, and none is mangled in a class."""

from __future__ import annotations

import ast
from collections.abc import Iterable

PROBE = "__signal_probe__"
"""The name under which the recorder's door stands among the builtins; the bot's own namespaces stay as they are."""


def load(name: str) -> ast.Name:
    """Read a name."""
    return ast.Name(id=name, ctx=ast.Load())


def store(name: str) -> ast.Name:
    """Bind a name."""
    return ast.Name(id=name, ctx=ast.Store())


def const(value: bool | int | str | None) -> ast.Constant:
    """A literal."""
    return ast.Constant(value=value)


def tup(items: Iterable[ast.expr]) -> ast.Tuple:
    """A tuple display."""
    return ast.Tuple(elts=list(items), ctx=ast.Load())


def door(method: str, *args: ast.expr) -> ast.Call:
    """A call of one of the recorder's functions."""
    target = ast.Attribute(value=load(PROBE), attr=method, ctx=ast.Load())
    return ast.Call(func=target, args=list(args), keywords=[])


def call(name: str, *args: ast.expr) -> ast.Call:
    """A call of a local name."""
    return ast.Call(func=load(name), args=list(args), keywords=[])


def bind(name: str, value: ast.expr) -> ast.NamedExpr:
    """Bind a name inside an expression."""
    return ast.NamedExpr(target=store(name), value=value)


def assign(name: str, value: ast.expr) -> ast.Assign:
    """Bind a name by a statement."""
    return ast.Assign(targets=[store(name)], value=value)


def say(value: ast.expr) -> ast.Expr:
    """An expression as a statement."""
    return ast.Expr(value=value)


def truth(test: ast.expr) -> ast.IfExp:
    """The truth of an expression as a real bool, asked for exactly once."""
    return ast.IfExp(test=test, body=const(True), orelse=const(False))


def item(value: ast.expr, index: int) -> ast.Subscript:
    """One item of a sequence."""
    return ast.Subscript(value=value, slice=const(index), ctx=ast.Load())


def placed(node: ast.stmt, like: ast.AST) -> ast.stmt:
    """Give a generated statement the place of the statement it belongs to; what is inside it inherits that later."""
    if not hasattr(node, "lineno"):
        ast.copy_location(node, like)
    return node
