"""The name that a branch gives itself: the words of its own log call, as they are written or as they turn out to be.

A word that stands in the source is known before the branch runs. Where the call is given a name instead
(`blocked(error.label, ...)`), what it holds is recorded when the argument is evaluated; a sentence of constant text
around changing values is then only the second best.
"""

from __future__ import annotations

import ast
import re

from . import words

_NAMED = frozenset("reason label name code gate msg message event".split())
_SAYING = frozenset(
    "block blocked blocks refuse refused refusal reject rejected skip skipped deny denied drop dropped decision "
    "decisions reason reasons event events report veto fail failed abort aborted".split()
)
_WORD = re.compile(r"[A-Za-z]\w*([.:-]\w+)*")
_COMPOUND = (ast.If, ast.For, ast.While, ast.Try, ast.With)


def label(body: list[ast.stmt]) -> str:
    """The name of a branch: the first text given to a log call of its own, to any call in it, or its stated reason."""
    return named(body)[0]


def named(body: list[ast.stmt]) -> tuple[str, bool]:
    """The name of a branch, and whether what it says when it runs is the better one."""
    for statement in body:
        found = _of_call(_call_of(statement))
        if found[0]:
            return found
        if isinstance(statement, ast.Raise) and (word := _word(statement.exc)):
            return word, False
    reason = ""
    for statement in body:
        for node in ast.walk(statement):
            text, weak = _of_call(node)
            if text:
                # A sentence that is raised is second to the name under which a handler writes it down.
                return text, weak or (isinstance(statement, ast.Raise) and not _literal(node))
        reason = reason or _reason(statement)
        if isinstance(statement, _COMPOUND):
            break
    return reason, True


def dynamic(node: ast.expr) -> tuple[ast.Call, int] | None:
    """The log call and the place of its first argument, where no text but the argument's value names the branch."""
    call = node.value if isinstance(node, ast.Await) else node
    if not isinstance(call, ast.Call) or not call.args or not _says(call):
        return None
    if not isinstance(call.args[0], ast.Name | ast.Attribute | ast.Subscript):
        return None
    return None if any(_plain(part) for part in _given(call)) else (call, 0)


def _call_of(statement: ast.stmt) -> ast.expr | None:
    """The call that a statement is."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    return value.value if isinstance(value, ast.Await) else value


def _says(node: ast.Call) -> bool:
    told = {*words.tokens(words.call_name(node)), *words.tokens(words.receiver(node))}
    return words.is_log(node) or not _SAYING.isdisjoint(told)


def _given(node: ast.Call) -> list[ast.expr]:
    """The arguments that may name a branch: a limit, a symbol or a way out given by keyword does not."""
    return [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg in _NAMED)]


def _plain(node: ast.expr) -> str:
    return words.constant_text(node) if isinstance(node, ast.Constant) else ""


def _literal(node: ast.AST) -> bool:
    """Whether a call is given a text that is whole as it stands in the source."""
    return isinstance(node, ast.Call) and any(map(_plain, _given(node)))


def _of_call(node: ast.AST | None) -> tuple[str, bool]:
    """The text given to a call; a single word goes before constant text around changing values."""
    if not isinstance(node, ast.Call):
        return "", False
    given = _given(node)
    first = next((part for part in given if words.constant_text(part)), None)
    if first is None:
        return "", False
    if isinstance(first, ast.Constant):
        return _plain(first), False
    word = _word(node)
    return word or words.constant_text(first), not word and dynamic(node) is not None


def _word(node: ast.AST | None) -> str:
    """The first single word given to a call: `raise Unusable("cache_stale", sentence)`."""
    given = _given(node) if isinstance(node, ast.Call) else []
    return next((text for text in map(_plain, given) if _WORD.fullmatch(text)), "")


def _reason(node: ast.stmt) -> str:
    """The words of `return False, "cooldown"`, `reason = "cooldown"` or `raise Denied("cooldown")`."""
    value: ast.expr | None = None
    if isinstance(node, ast.Return | ast.Assign):
        value = node.value
    elif isinstance(node, ast.Raise):
        value = node.exc
    for part in value.elts if isinstance(value, ast.Tuple) else [value]:
        text = words.constant_text(part)
        if text:
            return text
    return ""
