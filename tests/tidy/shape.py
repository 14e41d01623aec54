"""Rules about the shape of any Python file: sizes, handlers that say nothing, things left undone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.tidy.sources import Source

FUNCTION_LINES_MAX = 50
MODULE_LINES_MAX = 300
BROAD = {"Exception", "BaseException"}


def long_functions(source: Source) -> Iterator[str]:
    """A function fits on a screen."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                yield f"{source.at(node.lineno)} {node.name} has {lines} lines; {FUNCTION_LINES_MAX} is the limit"


def long_modules(source: Source) -> Iterator[str]:
    """A module has one subject."""
    lines = len(source.text.splitlines())
    if lines > MODULE_LINES_MAX:
        yield f"{source.path} has {lines} lines; {MODULE_LINES_MAX} is the limit"


def undone(source: Source) -> Iterator[str]:
    """Nothing raises NotImplementedError, and nothing waits to be done."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Raise) and node.exc and "NotImplementedError" in ast.dump(node.exc):
            yield f"{source.at(node.lineno)} raises NotImplementedError"
    for line, comment in source.comments.items():
        if re.match(r"(TODO|FIXME|XXX)\b", comment):
            yield f"{source.at(line)} leaves something undone: {comment}"


def silent_handlers(source: Source) -> Iterator[str]:
    """A handler that swallows says why it may."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler) and all(map(_does_nothing, node.body)) and not _reason(source, node):
            yield f"{source.at(node.lineno)} a handler swallows and does not say why it may"
        if isinstance(node, ast.ExceptHandler) and node.type is None:
            yield f"{source.at(node.lineno)} a bare except takes even the interpreter's own exits"
        if isinstance(node, ast.With) and _suppresses_all(node) and not _reason(source, node.items[0].context_expr):
            yield f"{source.at(node.lineno)} suppress() swallows everything and does not say why it may"


def _does_nothing(statement: ast.stmt) -> bool:
    constant = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return constant or isinstance(statement, ast.Pass | ast.Continue)


def _suppresses_all(node: ast.With) -> bool:
    calls = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
    broad = [call for call in calls if ast.unparse(call.func).endswith("suppress")]
    return any(BROAD & {ast.unparse(argument) for argument in call.args} for call in broad)


def _reason(source: Source, node: ast.ExceptHandler | ast.expr) -> str:
    """What the comments in or just above this piece say, beside codes for the linter."""
    lines = range(node.lineno - 1, (node.end_lineno or node.lineno) + 1)
    said = " ".join(source.comments.get(line, "") for line in lines)
    return re.sub(r"noqa(: *[A-Z0-9, ]+)?|type: ignore(\[[\w, -]+\])?|pragma: no cover", "", said).strip(" -:")


SHAPE = (long_functions, long_modules, undone, silent_handlers)
