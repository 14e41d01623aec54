"""Assignments: lineage of values, flags set in a branch, collections of signals, booleans with their reasons."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from . import build, nodes, words
from .compound import Rewriter
from .conditions import Locals, is_boolean
from .expressions import set_tree

_HOLDERS = (
    ast.Call,
    ast.Subscript,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.List,
    ast.Await,
    ast.IfExp,
    ast.BinOp,
    ast.BoolOp,
    ast.Name,
)

_SCALAR = frozenset(
    "round abs float int str len bool sum fmean mean median stdev Decimal time monotonic perf_counter now utcnow "
    "format join lower upper strip isinstance hash repr any all sqrt log exp floor ceil total_seconds timestamp".split()
)
Assignment = ast.Assign | ast.AnnAssign | ast.AugAssign


def assignment(rewriter: Rewriter, node: Assignment) -> list[ast.stmt]:
    """Rewrite one assignment; what it set is recorded after it."""
    if node.value is None:
        return [node]
    targets: list[ast.expr] = list(node.targets) if isinstance(node, ast.Assign) else [node.target]
    text = words.text_of(node if isinstance(node, ast.AugAssign) else node.value)
    told = [] if isinstance(node, ast.AugAssign) else _constant_flag(rewriter, targets, node.value)
    holds = isinstance(node.value, _HOLDERS) and not isinstance(node, ast.AugAssign) and not _reckons(node.value)
    if not rewriter.scope.source.gates:
        node.value = rewriter.expression(node.value)
        return [node, *told, *(_held(rewriter, targets[0], text) if holds else [])]
    if is_boolean(node.value) and len(targets) == 1 and isinstance(targets[0], ast.Name):
        told = _boolean(rewriter, node, targets[0].id)
    elif isinstance(node.value, ast.IfExp) and len(targets) == 1 and isinstance(targets[0], ast.Name):
        node.value = ast.copy_location(rewriter.expression.ternary(node.value, name=targets[0].id), node.value)
    elif isinstance(node.value, ast.Dict | ast.List | ast.Tuple) and isinstance(targets[0], ast.Name):
        node.value = rewriter.expression.members(node.value, targets[0].id)
    else:
        node.value = rewriter.expression(node.value)
    before, after = _steps(rewriter, node, targets, text)
    if holds and isinstance(targets[0], ast.Name | ast.Tuple):
        after += _held(rewriter, targets[0], text, _limits(node.value))
    return [*before, node, *told, *after]


def _reckons(value: ast.expr) -> bool:
    """Whether an expression can only be a number or a text: arithmetic other than adding lists."""
    if isinstance(value, ast.Call):
        return words.call_name(value) in _SCALAR
    if not isinstance(value, ast.BinOp):
        return False
    numeric = (ast.Sub, ast.Div, ast.FloorDiv, ast.Pow, ast.Mult, ast.Mod)
    parts = [part for part in (value.left, value.right) if isinstance(part, ast.BinOp | ast.Constant)]
    return isinstance(value.op, numeric) or any(isinstance(part, ast.Constant) or _reckons(part) for part in parts)


def _constant_flag(rewriter: Rewriter, targets: list[ast.expr], value: ast.expr) -> list[ast.stmt]:
    """`blocked = True` inside a branch: a later gate may ask for it."""
    scope = rewriter.scope
    if not isinstance(value, ast.Constant) or not isinstance(targets[0], ast.Name):
        return []
    if not scope.under and not scope.source.gates:
        return []
    label = words.constant_text(value)
    site = scope.site("flag", value, name=targets[0].id, text=f"{targets[0].id} = {words.text_of(value)}", label=label)
    return [build.say(scope.event(site))]


def _boolean(rewriter: Rewriter, node: Assignment, name: str) -> list[ast.stmt]:
    """`ok = score >= limit and not frozen`: the reasons of a later `if ok`."""
    scope = rewriter.scope
    assert node.value is not None
    text = words.text_of(node.value)
    fields: dict[str, object] = {"exits": ["", ""], "labels": ["", ""], "calls": []}
    site = scope.site("cond", node, form="value", name=name, text=text, **fields)
    condition, keep = rewriter.expression.condition()
    node.value, tree = condition.value(node.value)
    set_tree(site, tree)
    values = keep.values() if isinstance(keep, Locals) else []
    return [build.say(scope.door("decided", site, build.load(name), *values))]


def _limits(value: ast.expr | None) -> list[str]:
    """`frame[frame["score"] > LIMIT]`: the names that rows are compared with; to read them again asks nothing."""
    if not isinstance(value, ast.Subscript):
        return []
    compared = [part for part in nodes.inside(value.slice, without=ast.Lambda) if isinstance(part, ast.Compare)]
    return sorted({side.id for part in compared for side in part.comparators if isinstance(side, ast.Name)})


def _held(rewriter: Rewriter, target: ast.expr, text: str, limits: Sequence[str] = ()) -> list[ast.stmt]:
    """A name that may now hold a signal or a collection of signals."""
    scope = rewriter.scope
    names = [node.id for node in ast.walk(target) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    told: list[ast.stmt] = []
    for name in names[:4]:
        in_while = bool(scope.in_while and scope.in_while[-1])
        site = scope.site("bind", target, name=name, text=text, in_while=in_while, limits=list(limits))
        if not in_while and not scope.source.gates:
            continue
        say: ast.stmt = build.say(scope.door("bound", site, build.load(name), *map(build.load, limits)))
        labelled = scope.labelled[-1] if scope.labelled else ""
        if labelled and name not in scope.passed_on:
            say = ast.If(test=build.load(labelled), body=[ast.Pass()], orelse=[say])
        told.append(say)
    return told


def _step(
    rewriter: Rewriter, target: ast.expr, name: str, text: str, value: ast.expr, *, number: bool = False
) -> list[ast.stmt]:
    scope = rewriter.scope
    if scope.source.names is not None and name not in scope.source.names:
        return []
    scope.follows = True
    site = scope.site("step", target, name=name, text=text)
    followed = ast.Compare(left=build.const(site), ops=[ast.In()], comparators=[build.load(scope.wanted)])
    told = scope.event(site, value) if number else scope.door("step", site, value)
    return [ast.If(test=followed, body=[build.say(told)], orelse=[])]


def _steps(
    rewriter: Rewriter, node: Assignment, targets: list[ast.expr], text: str
) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """Lineage of names, attributes and constant keys. The value is read from a temporary, not from the target."""
    before: list[ast.stmt] = []
    after: list[ast.stmt] = []
    kept: str | None = None
    number = node.value is not None and _reckons(node.value)
    for target in targets:
        for part in target.elts if isinstance(target, ast.Tuple | ast.List) else [target]:
            if isinstance(part, ast.Name):
                after += _step(rewriter, part, part.id, text, build.load(part.id), number=number)
                continue
            name = _member(part)
            if not name or part is not target:
                continue
            if isinstance(node, ast.AugAssign):
                after += _peeked(rewriter, target, name, text)
            elif node.value is not None:
                if kept is None:
                    kept = rewriter.scope.temp()
                    before.append(build.assign(kept, node.value))
                    node.value = build.load(kept)
                after += _step(rewriter, part, name, text, build.load(kept))
    return before, after


def _peeked(rewriter: Rewriter, target: ast.expr, name: str, text: str) -> list[ast.stmt]:
    """`signal.score *= 0.4`: look into the object's own dict, so that no property of it runs."""
    if not isinstance(target, ast.Attribute | ast.Subscript) or not isinstance(target.value, ast.Name):
        return []
    seen = build.door("peek", build.load(target.value.id), build.const(name))
    return _step(rewriter, target, name, text, seen)


def _member(target: ast.expr) -> str:
    if isinstance(target, ast.Attribute):
        return target.attr
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
        return target.slice.value if isinstance(target.slice.value, str) else ""
    return ""
