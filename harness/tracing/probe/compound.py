"""Compound statements: if, loops, try, with, match."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from . import build, labels, nodes, sites, words
from .conditions import Condition, Locals
from .expressions import record, set_tree, target_names

if TYPE_CHECKING:
    from .expressions import Expressions
    from .scope import Scope

Skeleton = list[Any]
Written = tuple[list[ast.stmt], Skeleton]


class Rewriter(Protocol):
    """What the statements of one block need of the block's own rewriter."""

    scope: Scope
    expression: Expressions

    def block(self, body: list[ast.stmt]) -> Written:
        """Rewrite a block of statements."""

    def actions(self, node: ast.AST) -> Skeleton:
        """The calls of an expression that may be the end of a signal's path."""


def terminal(body: list[ast.stmt]) -> str:
    """How a block always ends: `continue`, `return`, `raise`, `break`, or empty when it falls through."""
    last = body[-1] if body else None
    if isinstance(last, ast.Continue | ast.Return | ast.Raise | ast.Break):
        return type(last).__name__.lower()
    if isinstance(last, ast.If):
        ways = [terminal(last.body), terminal(last.orelse)]
        return ways[0] if all(ways) else ""
    if isinstance(last, ast.With | ast.AsyncWith):
        return terminal(last.body)
    if isinstance(last, ast.Try):
        return terminal(last.finalbody) or (terminal(last.orelse or last.body) if not last.handlers else "")
    return ""


def _condition(rewriter: Rewriter, node: ast.expr, site: int) -> tuple[ast.expr, Callable[[int], list[ast.stmt]]]:
    """The rewritten test, and a maker of the statement that records an outcome."""
    scope = rewriter.scope
    keep = Locals(scope)
    condition = Condition(keep, rewriter.expression)
    test, tree = condition.test(node)
    set_tree(site, tree)

    def told(outcome: int) -> list[ast.stmt]:
        values = keep.values()
        return [build.say(record(scope, site, bool(outcome), values, cheap=condition.cheap))]

    return test, told


def _names(bodies: list[list[ast.stmt]]) -> dict[str, list[Any]]:
    """The names of branches, and for each whether what it says when it runs is the better one."""
    found = [labels.named(body) for body in bodies]
    return {"labels": [text for text, _ in found], "weak": [weak for _, weak in found]}


def _acts(body: list[ast.stmt]) -> bool:
    """Whether a block does something that a signal may need done."""
    return any(
        isinstance(part, ast.Call) and words.rank(part) > 0 for statement in body for part in nodes.inside(statement)
    )


def rewrite_if(rewriter: Rewriter, node: ast.If) -> Written:
    """`if` / `elif` / `else`."""
    scope = rewriter.scope
    if isinstance(node.test, ast.Constant):
        node.body, body_bones = rewriter.block(node.body)
        node.orelse, else_bones = rewriter.block(node.orelse)
        return [node], body_bones if node.test.value else else_bones
    exits = [terminal(node.orelse), terminal(node.body)]
    acts = rewriter.actions(node.test)
    site = scope.site(
        "cond",
        node,
        form="if",
        text=words.text_of(node.test),
        exits=exits,
        **_names([node.orelse, node.body]),
        bare=not node.orelse,
        calls=[call for act in acts for call in act[1]],
    )
    sites.SITES[site]["end"] = getattr(node.test, "end_lineno", node.lineno)
    inside, otherwise = _acts(node.body), _acts(node.orelse)
    missed = [inside and not otherwise, otherwise and not inside]
    test, told = _condition(rewriter, node.test, site)
    with scope.branch(site, 1):
        body, body_bones = rewriter.block(node.body)
    with scope.branch(site, 0):
        orelse, else_bones = rewriter.block(node.orelse)
    always = scope.source.gates
    node.test = test
    node.body = [*(told(1) if always or exits[1] or missed[1] else []), *body]
    node.orelse = [*(told(0) if always or exits[0] or missed[0] else []), *orelse]
    return [node], [*acts, ["if", site, body_bones, else_bones]]


def rewrite_while(rewriter: Rewriter, node: ast.While) -> Written:
    """`while`, whose condition is a gate of each turn."""
    scope = rewriter.scope
    loop = scope.site("loop", node, form="while", text=words.text_of(node.test))
    pulse = build.say(build.door("pulse"))
    cond, acts = -1, []
    before: list[ast.stmt] = [pulse]
    after: list[ast.stmt] = []
    with scope.loop(loop, is_while=True):
        if not isinstance(node.test, ast.Constant):
            acts = rewriter.actions(node.test)
            cond = scope.site(
                "cond",
                node.test,
                form="while",
                text=words.text_of(node.test),
                exits=["", ""],
                labels=["", ""],
                calls=[call for act in acts for call in act[1]],
            )
            node.test, told = _condition(rewriter, node.test, cond)
            if scope.source.gates:
                before, after = [pulse, *told(1)], told(0)
        body, body_bones = rewriter.block(node.body)
    orelse, else_bones = rewriter.block(node.orelse)
    node.body, node.orelse = [*before, *body], [*after, *orelse]
    return [node], [["while", loop, cond, [*acts, *body_bones], else_bones]]


def rewrite_for(rewriter: Rewriter, node: ast.For | ast.AsyncFor) -> Written:
    """`for`: what it is given, and what each turn works on."""
    scope = rewriter.scope
    original = node.iter
    acts = rewriter.actions(original)
    over = {"targets": nodes.names_in(node.target), "over": words.text_of(node.iter)}
    loop = scope.site("loop", node, form="for", text=words.text_of(node.iter), **over)
    node.iter = ast.copy_location(scope.door("loop", loop, rewriter.expression(node.iter)), node.iter)
    counts = isinstance(original, ast.Call) and words.call_name(original) == "range"
    labelled = scope.temp()
    with scope.loop(loop, is_while=counts, labelled=labelled):
        body, body_bones = rewriter.block(node.body)
    orelse, else_bones = rewriter.block(node.orelse)
    turn = build.assign(labelled, scope.door("turn", loop, target_names(node.target)))
    node.body, node.orelse = [turn, *body], orelse
    return [node], [*acts, ["for", loop, body_bones, else_bones]]


def _bound_names(body: list[ast.stmt]) -> list[str]:
    return sorted(
        {
            part.id
            for statement in body
            for part in nodes.inside(statement)
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
        }
    )


def rewrite_try(rewriter: Rewriter, node: ast.Try) -> Written:
    """`try`: every handler that is entered says what it caught (`except*` too)."""
    scope = rewriter.scope
    assigned = _bound_names(node.body)
    marker = scope.site("try", node)
    if node.handlers:
        with scope.guarded(marker):
            body, bones = rewriter.block(node.body)
    else:
        body, bones = rewriter.block(node.body)
    handlers: Skeleton = []
    for handler in node.handlers:
        name, weak = labels.named(handler.body)
        site = scope.site(
            "handler",
            handler,
            text=f"except {words.text_of(handler.type)}" if handler.type is not None else "except",
            exits=[terminal(handler.body)],
            label=name,
            weak=weak,
            assigned=sorted({*assigned, *_bound_names(handler.body)}),
            body=[node.body[0].lineno, node.body[-1].end_lineno],
        )
        sites.SITES[site]["try"] = marker
        with scope.branch(site, 1):
            handler.body, handler_bones = rewriter.block(handler.body)
        caught = build.placed(build.say(scope.door("caught", site)), handler)
        handler.body.insert(0, caught)
        handlers.append([site, handler_bones])
    node.body = body
    node.orelse, else_bones = rewriter.block(node.orelse)
    node.finalbody, after_bones = rewriter.block(node.finalbody)
    return [node], [["try", bones, handlers, else_bones, after_bones]]


def rewrite_with(rewriter: Rewriter, node: ast.With | ast.AsyncWith) -> Written:
    """`with`; `contextlib.suppress` is a handler that swallows."""
    scope = rewriter.scope
    acts: Skeleton = []
    swallows: dict[str, str] = {}
    for item in node.items:
        acts += rewriter.actions(item.context_expr)
        called = item.context_expr
        item.context_expr = rewriter.expression(called)
        if isinstance(called, ast.Call) and words.call_name(called) == "suppress":
            swallows[scope.temp()] = words.text_of(called)
            item.context_expr = build.bind(next(reversed(swallows)), item.context_expr)
    first, last = node.body[0].lineno, node.body[-1].end_lineno
    assigned = _bound_names(node.body)
    marker = scope.site("try", node)
    if not swallows:
        node.body, bones = rewriter.block(node.body)
        return [node], [*acts, ["with", bones]]
    with scope.guarded(marker):
        body, bones = rewriter.block(node.body)
    fields: dict[str, Any] = {"exits": [""], "label": "", "weak": True, "assigned": assigned, "body": [first, last]}
    fields["try"] = marker
    site = scope.site("handler", node, text=", ".join(swallows.values()), **fields)
    seen = [build.say(scope.door("suppressed", site, *map(build.load, swallows))), ast.Raise(exc=None, cause=None)]
    catch = ast.ExceptHandler(type=build.load("BaseException"), name=None, body=[build.placed(s, node) for s in seen])
    node.body = [ast.Try(body=body, handlers=[catch], orelse=[], finalbody=[])]
    return [node], [*acts, ["try", bones, [[site, []]], [], []]]


def _irrefutable(case: ast.match_case) -> bool:
    pattern = case.pattern
    while isinstance(pattern, ast.MatchOr):
        pattern = pattern.patterns[-1]
    while isinstance(pattern, ast.MatchAs) and pattern.pattern is not None:
        pattern = pattern.pattern
    return case.guard is None and isinstance(pattern, ast.MatchAs)


def rewrite_match(rewriter: Rewriter, node: ast.Match) -> Written:
    """`match`: which case was taken; "none of them" is a case too."""
    scope = rewriter.scope
    acts = rewriter.actions(node.subject)
    subject = scope.temp()
    bodies = [case.body for case in node.cases]
    site = scope.site(
        "match",
        node,
        text="match " + words.text_of(node.subject),
        cases=["case " + words.text_of(case.pattern) for case in node.cases] + ["no case"],
        exits=[*map(terminal, bodies), ""],
        **_names([*bodies, []]),
        calls=[call for act in acts for call in act[1]],
        names=sorted({part.id for part in nodes.inside(node.subject) if isinstance(part, ast.Name)}),
    )
    node.subject = build.bind(subject, rewriter.expression(node.subject))
    told = [scope.door("see1", site, build.const(index), build.load(subject)) for index in range(len(bodies) + 1)]
    bones: Skeleton = []
    for index, case in enumerate(node.cases):
        with scope.branch(site, index):
            if case.guard is not None:
                case.guard = ast.copy_location(rewriter.expression.recorded(case.guard, "guard"), case.guard)
            written, body_bones = rewriter.block(case.body)
        bones.append(body_bones)
        if scope.source.gates or terminal(bodies[index]):
            written.insert(0, build.placed(build.say(told[index]), case.pattern))
        case.body = written
    if not _irrefutable(node.cases[-1]):
        none = ast.MatchAs(pattern=None, name=None)
        node.cases.append(ast.match_case(pattern=none, guard=None, body=[build.say(told[-1])]))
    return [node], [*acts, ["match", site, [*bones, []]]]


COMPOUND: dict[str, Callable[[Any, Any], Written]] = {
    "If": rewrite_if,
    "While": rewrite_while,
    "For": rewrite_for,
    "AsyncFor": rewrite_for,
    "Try": rewrite_try,
    "TryStar": rewrite_try,
    "With": rewrite_with,
    "AsyncWith": rewrite_with,
    "Match": rewrite_match,
}
