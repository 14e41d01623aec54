"""Statements rewritten, and beside them the *skeleton*: which exits and actions stand under which branches.

Skeleton nodes, all JSON-able lists:
`["if", cond, body, orelse]`, `["for", loop, body, orelse]`, `["while", loop, cond or -1, body, orelse]`,
`["try", body, [[handler, body], ...], orelse, after]`, `["with", body]`, `["match", site, [body, ...]]`,
`["exit", kind, site]`, `["act", [[name, rank], ...], site or -1]`.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable
from typing import Any

from . import build, labels, nodes, sites, words
from .assignments import assignment
from .compound import COMPOUND, Rewriter
from .conditions import Condition, Locals, is_boolean
from .expressions import Expressions, record, set_tree
from .scope import Scope

Skeleton = list[Any]
Written = tuple[list[ast.stmt], Skeleton]


class Statements(Rewriter):
    """Rewrites the body of one function. `nested` rewrites functions and classes that are defined in it."""

    def __init__(self, scope: Scope, nested: Callable[[ast.stmt], None]) -> None:
        self.scope = scope
        self.expression = Expressions(scope)
        self._nested = nested

    def block(self, body: list[ast.stmt]) -> Written:
        """Rewrite a block of statements."""
        written: list[ast.stmt] = []
        skeleton: Skeleton = []
        for node in body:
            new, bones = self._statement(node)
            written += [build.placed(part, node) for part in new]
            skeleton += bones
        return written, skeleton

    def _statement(self, node: ast.stmt) -> Written:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            self._nested(node)
            return [node], []
        compound = COMPOUND.get(type(node).__name__)
        if compound is not None:
            return compound(self, node)
        if isinstance(node, ast.Expr):
            return self._expression_statement(node)
        if isinstance(node, ast.Return):
            return self._return(node)
        if isinstance(node, ast.Continue | ast.Break | ast.Raise):
            return self._exit(node)
        if isinstance(node, ast.Assert):
            exits = {"exits": ["raise", ""], "labels": [words.constant_text(node.msg), ""]}
            bones = self.actions(node)
            site = len(sites.SITES)
            node.test = ast.copy_location(self.expression.recorded(node.test, "assert", **exits), node.test)
            return [node], [*bones, ["if", site, [], [["exit", "raise", site]]]]
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.BoolOp) and _orders(node.value.values[-1]):
                parts = node.value.values[-1], [copy.deepcopy(target) for target in node.targets]
                last = ast.copy_location(ast.Assign(targets=node.targets, value=parts[0]), node)
                return self._if_asked(node, node.value, last, lambda answer: ast.Assign(targets=parts[1], value=answer))
            known = len(sites.SITES)
            bones = self._choices(node) or self.actions(node)
            written = assignment(self, node)
            return self._acted(written, chosen(bones, known))
        if isinstance(node, ast.Delete):
            return [node], []
        return [node], []

    def actions(self, node: ast.AST) -> Skeleton:
        """The calls of a statement or expression that may be the end of a signal's path."""
        found: dict[str, int] = {}
        for part in nodes.inside(node, without=ast.Lambda):
            rank = words.rank(part) if isinstance(part, ast.Call) else 2 if isinstance(part, ast.Yield) else 0
            name = words.call_name(part) if isinstance(part, ast.Call) else "yield"
            if rank > 0:
                found[name] = max(rank, found.get(name, 0))
        for name, rank in found.items():
            self.scope.calls[name] = max(rank, self.scope.calls.get(name, 0))
        if not found:
            return []
        ranked = sorted(found.items())
        site = -1
        if isinstance(node, ast.stmt) and max(found.values()) >= 2:
            site = self.scope.site("act", node, calls=ranked, text=words.text_of(node))
        return [["act", ranked, site]]

    def _choices(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> Skeleton:
        """`sent = decide(good) if good else []`: what is done on either way is done under a condition."""
        value = node.value
        if not isinstance(value, ast.IfExp) or not self.scope.source.gates or isinstance(node, ast.AugAssign):
            return []
        ways = [self.actions(_as_statement(part)) for part in (value.body, value.orelse)]
        return [*self.actions(value.test), ["if", -1, *ways]] if ways[0] or ways[1] else []

    def _acted(self, written: list[ast.stmt], bones: Skeleton) -> Written:
        """Say that an action was done, after it was."""
        done = [act for bone in bones for act in ([bone] if bone[0] == "act" else [*bone[2], *bone[3]])]
        written += [build.say(self.scope.event(act[2])) for act in done if act[2] >= 0]
        return written, bones

    def _expression_statement(self, node: ast.Expr) -> Written:
        value = node.value
        if isinstance(value, ast.IfExp):
            chosen = ast.If(test=value.test, body=[_as_statement(value.body)], orelse=[_as_statement(value.orelse)])
            return self._statement(ast.copy_location(chosen, node))
        if isinstance(value, ast.BoolOp):
            rest = value.values[:-1]
            test: ast.expr = (
                rest[0] if len(rest) == 1 else ast.copy_location(ast.BoolOp(op=value.op, values=rest), value)
            )
            if isinstance(value.op, ast.Or):
                test = ast.copy_location(ast.UnaryOp(op=ast.Not(), operand=test), value)
            chosen = ast.If(test=test, body=[_as_statement(value.values[-1])], orelse=[])
            return self._statement(ast.copy_location(chosen, node))
        if isinstance(value, ast.Constant):
            return [node], []
        bones = self.actions(node)
        flag = self._collected(value)
        self._named(value)
        node.value = self.expression(value)
        written, bones = self._acted([node], bones)
        if flag is not None:
            written.append(build.say(self.scope.event(flag)))
        return written, bones

    def _named(self, value: ast.expr) -> None:
        """`blocked(error.label)`: what the argument holds, taken while it is evaluated, is the branch's name."""
        found = labels.dynamic(value) if self.scope.under else None
        if found is not None:
            call, place = found
            part = call.args[place]
            site = self.scope.site("label", part, text=words.text_of(part))
            call.args[place] = ast.copy_location(self.scope.door("said", site, part), part)

    def _collected(self, value: ast.expr) -> int | None:
        """`reasons.append("low score")`: a flag that a later gate may ask for."""
        if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute):
            return None
        if value.func.attr not in ("append", "add") or not isinstance(value.func.value, ast.Name):
            return None
        label = next((text for text in map(words.constant_text, value.args) if text), "")
        if not self.scope.under or words.rank(value):
            return None
        return self.scope.site("flag", value, name=value.func.value.id, text=words.text_of(value), label=label)

    def _exit(self, node: ast.Continue | ast.Break | ast.Raise) -> Written:
        kind = type(node).__name__.lower()
        site = self.scope.site("exit", node, exit=kind, text=words.text_of(node))
        return [build.say(self.scope.event(site)), node], [["exit", kind, site]]

    def _return(self, node: ast.Return) -> Written:
        if isinstance(node.value, ast.IfExp) and any(_sends(way) for way in (node.value.body, node.value.orelse)):
            ways = [ast.copy_location(ast.Return(value=way), way) for way in (node.value.body, node.value.orelse)]
            choice = ast.If(test=node.value.test, body=[ways[0]], orelse=[ways[1]])
            return self._statement(ast.copy_location(choice, node))
        if isinstance(node.value, ast.BoolOp) and _orders(node.value.values[-1]):
            last = ast.copy_location(ast.Return(value=node.value.values[-1]), node.value.values[-1])
            return self._if_asked(node, node.value, last, lambda answer: ast.Return(value=answer))
        scope = self.scope
        bones = self.actions(node) if node.value is not None else []
        sends = max((rank for bone in bones for _, rank in bone[1]), default=0)
        site = scope.site(
            "ret",
            node,
            pol=words.polarity(node.value),
            text=words.text_of(node.value) if node.value is not None else "None",
            label=labels.label([node]),
            exits=["return", "return"],
            labels=["", ""],
            calls=[call for bone in bones for call in bone[1]],
        )
        bones = [*bones, ["exit", "return", site]]
        if node.value is None or isinstance(node.value, ast.Constant):
            return [build.say(scope.event(site)), node], bones
        values: list[ast.expr] = []
        first = node.value.elts[0] if isinstance(node.value, ast.Tuple) and node.value.elts else node.value
        if is_boolean(first):  # `return score >= 3.0, "low"` answers as well as `return score >= 3.0`
            text = words.text_of(first)
            condition, keep = self.expression.condition()
            rewritten, tree = condition.value(first)
            if isinstance(node.value, ast.Tuple):
                rest = [self.expression(part) for part in node.value.elts[1:]]
                rewritten = ast.copy_location(ast.Tuple(elts=[rewritten, *rest], ctx=ast.Load()), node.value)
            set_tree(site, tree)
            values = keep.values() if isinstance(keep, Locals) else []
            sites.SITES[site].update(decides=True, text=text)
        else:
            rewritten = self.expression(node.value)
        value = scope.temp()
        told: list[ast.stmt] = [build.assign(value, rewritten)]
        if sends >= 2:
            told.append(build.say(scope.event(bones[0][2])))
        told.append(build.say(scope.door("returned", site, build.load(value), *values)))
        return [*told, ast.Return(value=build.load(value))], bones

    def _if_asked(
        self, node: ast.stmt, value: ast.BoolOp, last: ast.stmt, without: Callable[[ast.expr], ast.stmt]
    ) -> Written:
        """`return self.can_trade and self.submit()`: what is asked first is a gate of its own, its truth asked once.

        `last` is done where the last operand is reached, `without` makes what is done with the answer where it is not.
        """
        scope, first = self.scope, value.values[:-1]
        asked = ast.copy_location(ast.BoolOp(op=value.op, values=first), value) if len(first) > 1 else first[0]
        acts = self.actions(asked)
        goes_on = int(isinstance(value.op, ast.And))
        exits = ["return", "return"] if isinstance(node, ast.Return) else ["", ""]
        fields: dict[str, Any] = {"exits": exits, "labels": ["", ""], "calls": []}
        site = scope.site("cond", node, form="if", text=words.text_of(asked), bare=False, **fields)
        keep = Locals(scope)
        test, tree, answer = Condition(keep, self.expression).kept(asked, keep)
        set_tree(site, tree)
        with scope.branch(site, goes_on):
            sent, sent_bones = self._statement(last)
        left, left_bones = [without(build.load(answer))], list[Any]()
        if isinstance(node, ast.Return):
            with scope.branch(site, 1 - goes_on):
                end = scope.site("ret", node, pol=-goes_on, text=words.text_of(asked), label="", **fields)
            left, left_bones = [build.say(scope.event(end)), *left], [["exit", "return", end]]
        told = [build.say(record(scope, site, bool(outcome), keep.values(), cheap=False)) for outcome in (0, 1)]
        ways: list[list[ast.stmt]] = [[told[goes_on], *sent], [told[1 - goes_on], *left]]
        bones: list[Skeleton] = [sent_bones, left_bones]
        if not goes_on:
            ways.reverse()
            bones.reverse()
        return [ast.If(test=test, body=ways[0], orelse=ways[1])], [*acts, ["if", site, *bones]]


def chosen(bones: Skeleton, known: int) -> Skeleton:
    """Complete the condition of a ternary's ways, now that it has a site: the first since `known` sites."""
    if not bones or bones[-1][0] != "if":
        return bones
    last: Skeleton = bones[-1]
    asked = range(known, len(sites.SITES))
    last[1] = next((site for site in asked if sites.SITES[site].get("form") == "ternary"), -1)
    if last[1] < 0:
        return [*bones[:-1], *last[2], *last[3]]
    for outcome, way in ((1, last[2]), (0, last[3])):
        for act in way:
            if act[2] >= 0:
                sites.SITES[act[2]]["taken"] = [last[1], outcome]
    return bones


def _sends(value: ast.expr) -> bool:
    """Whether an expression calls what may be the end of a signal's path."""
    return any(isinstance(part, ast.Call) and words.rank(part) >= 1 for part in nodes.inside(value, without=ast.Lambda))


def _orders(value: ast.expr) -> bool:
    """Whether an expression calls what sends an order."""
    return any(isinstance(part, ast.Call) and words.rank(part) >= 3 for part in nodes.inside(value, without=ast.Lambda))


def _as_statement(value: ast.expr) -> ast.stmt:
    return ast.copy_location(ast.Expr(value=value), value)
