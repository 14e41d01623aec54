"""Small pieces of Markdown that more than one generated page is made of."""

from __future__ import annotations

import ast
import inspect
import itertools
import textwrap


def table(head: str, rows: list[list[str]]) -> str:
    """A table; `head` names its columns, separated by bars."""
    names = head.split("|")
    lines = [names, ["---"] * len(names), *rows]
    return "".join("| " + " | ".join(cell(text) for text in line) + " |\n" for line in lines)


def cell(text: str) -> str:
    """Text as it may stand in a cell of a table."""
    return text.replace("|", "\\|").replace("\n", " ")


def said_of_fields(kind: type) -> dict[str, str]:
    """The text that stands below each field of a class in its source, where one does."""
    body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    found: dict[str, str] = {}
    statements = body.body if isinstance(body, ast.ClassDef) else []
    for field, after in itertools.pairwise(statements):
        if not isinstance(field, ast.AnnAssign) or not isinstance(after, ast.Expr):
            continue
        if isinstance(after.value, ast.Constant):
            found[ast.unparse(field.target)] = inspect.cleandoc(str(after.value.value)).replace("\n", " ")
    return found
