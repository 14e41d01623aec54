"""One function rewritten: its entry, its body, and the handler that says with which exception it was left."""

from __future__ import annotations

import ast

from . import build, nodes, sites
from .expressions import Expressions
from .scope import Scope, Source
from .statements import Statements

_SPECIAL = frozenset(
    "__init__ __post_init__ __call__ __enter__ __exit__ __iter__ __next__ __aenter__ __aexit__".split()
)
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Module(ast.NodeVisitor):
    """Rewrites every function of a module, at whatever depth it is defined."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._path: list[str] = []
        self._outside = Scope(source=source, qualname="<module>", fn=sites.add("fn", **_head(source, "<module>", 1)))

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Methods."""
        self._path.append(node.name)
        self.generic_visit(node)
        self._path.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """A function."""
        self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        """A coroutine function."""
        self._function(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """A lambda outside every function, such as one in a table of rules."""
        Expressions(self._outside).visit(node)

    def visit_ListComp(self, node: ast.ListComp) -> None:
        """What runs at import is left alone."""

    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp  # type: ignore[assignment] # noqa: N815

    def _function(self, node: Function) -> None:
        if node.name.startswith("__") and node.name.endswith("__") and node.name not in _SPECIAL:
            return
        qualname = ".".join([*self._path, node.name])
        self._path += [node.name, "<locals>"]
        fn = sites.add("fn", **_head(self._source, qualname, node.lineno))
        scope = Scope(source=self._source, qualname=qualname, fn=fn, passed_on=_passed_on(node))
        body = list(node.body)
        document = body[:1] if _is_docstring(body[0]) else []
        written, skeleton = Statements(scope, self.visit).block(body[len(document) :])
        sites.complete(fn, skeleton=skeleton, calls=sorted(scope.calls.items()), params=_parameters(node))
        if scope.active:
            node.body = [*document, *_wrapped(scope, node, written)]
        del self._path[-2:]


def _head(source: Source, qualname: str, line: int) -> dict[str, object]:
    name = qualname.rpartition(".")[2]
    return {"qualname": qualname, "name": name, "file": source.file, "line": line, "skeleton": [], "calls": []}


def _passed_on(node: Function) -> frozenset[str]:
    """Names that are used as a whole: looped over, sliced, given to a call, returned, or given another name."""
    found: list[ast.expr | None] = []
    for part in nodes.inside(node):
        if isinstance(part, ast.For | ast.AsyncFor | ast.comprehension):
            found.append(part.iter)
        elif isinstance(part, ast.Call):
            found += [*part.args, *(keyword.value for keyword in part.keywords)]
        elif isinstance(part, ast.Return | ast.Assign | ast.Yield | ast.Starred | ast.Await | ast.YieldFrom) or (
            isinstance(part, ast.Subscript) and not isinstance(part.slice, ast.Constant)
        ):
            found.append(part.value)
        elif isinstance(part, ast.Tuple | ast.List):
            found += part.elts
    return frozenset(part.id for part in found if isinstance(part, ast.Name))


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _parameters(node: Function) -> list[str]:
    args = node.args
    named = [*args.posonlyargs, *args.args, *args.kwonlyargs]
    names = [arg.arg for arg in named if arg.arg not in ("self", "cls")]
    return names + [arg.arg for arg in (args.vararg, args.kwarg) if arg is not None]


def _wrapped(scope: Scope, node: Function, written: list[ast.stmt]) -> list[ast.stmt]:
    """Entry, body, and the handler that passes every exception on as it came."""
    given = build.tup(build.load(name) for name in _parameters(node))
    entry: list[ast.stmt] = [
        build.assign(scope.act, build.door("enter", build.const(scope.fn), given)),
        build.assign(scope.emit, ast.Attribute(value=build.load(build.PROBE), attr="emit", ctx=ast.Load())),
    ]
    if scope.follows:
        wanted = ast.Attribute(value=build.load(build.PROBE), attr="wanted", ctx=ast.Load())
        entry.append(build.assign(scope.wanted, wanted))
    if scope.unset:
        entry.append(ast.Assign(targets=[build.store(name) for name in scope.unset], value=build.const(None)))
    last = written[-1] if written else node
    end = scope.site("end", last)
    written = [*written, build.placed(build.say(scope.event(end)), last)]
    failed = build.say(build.door("failed", build.const(end), build.load(scope.act)))
    handler = ast.ExceptHandler(
        type=build.load("BaseException"), name=None, body=[failed, ast.Raise(exc=None, cause=None)]
    )
    guarded = ast.Try(body=written, handlers=[handler], orelse=[], finalbody=[])
    first = node.body[0]
    return [build.placed(statement, first) for statement in [*entry, guarded]]
