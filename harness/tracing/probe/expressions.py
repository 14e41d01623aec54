"""What is rewritten inside expressions: ternaries, filters of comprehensions, slices, yields, lambdas, named values.

An assignment expression may not stand in a comprehension's iterable and would leak out of its element, so operands in
there are left in a dict of the comprehension's own (`conditions.Cells`), one per element.
"""

from __future__ import annotations

import ast
from typing import TypeVar

from . import build, nodes, sites, words
from .conditions import Cells, Condition, Keep, Locals, is_boolean, is_upper
from .scope import Scope

_Comp = TypeVar("_Comp", bound=ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp)


def target_names(target: ast.expr) -> ast.expr:
    """An expression that reads what a loop has just bound: one name, or a tuple of the names in the target."""
    names = [build.load(name) for name in nodes.names_in(target)]
    return names[0] if len(names) == 1 else build.tup(names)


class Expressions(ast.NodeTransformer):
    """Rewrites expressions of one function."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._cells: Cells | None = None
        self._comprehended = 0
        self._iterable = 0

    def __call__(self, node: ast.expr) -> ast.expr:
        """Rewrite an expression; the result stands where it stood."""
        result: ast.expr = self.visit(node)
        return ast.copy_location(result, node)

    def condition(self) -> tuple[Condition, Keep]:
        """A rewriter for one condition at the present place."""
        keep: Keep = self._cells if self._cells is not None else Locals(self._scope)
        return Condition(keep, self), keep

    def recorded(self, node: ast.expr, form: str, **fields: object) -> ast.expr:
        """A condition as an expression that records itself with either truth."""
        scope = self._scope
        if isinstance(node, ast.Constant):
            return node
        site = scope.site("cond", node, form=form, text=words.text_of(node), **{**_NO_EXITS, **fields})
        condition, keep = self.condition()
        test, tree = condition.test(node)
        set_tree(site, tree)
        if isinstance(keep, Cells):
            return scope.door("filtered", site, build.truth(test), build.load(keep.name))
        values = keep.values() if isinstance(keep, Locals) else []
        told = [record(scope, site, outcome, values, cheap=condition.cheap) for outcome in (True, False)]
        return ast.IfExp(test=test, body=ast.UnaryOp(op=ast.Not(), operand=told[0]), orelse=told[1])

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        """A ternary."""
        if not self._scope.source.gates or (self._comprehended and self._cells is None):
            return self.generic_visit(node)
        return self.ternary(node)

    def ternary(self, node: ast.IfExp, **fields: object) -> ast.IfExp:
        """A ternary that records its choice; `name` among the fields is what it is assigned to."""
        answers = [bool(words.polarity(way)) or is_upper(way) for way in (node.orelse, node.body)]
        test = self.recorded(node.test, "ternary", answers=answers, **fields)
        return ast.IfExp(test=test, body=self(node.body), orelse=self(node.orelse))

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        """Text for people decides nothing."""
        return node

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.AST:
        """`(score := f())`: lineage, and the signal that a `while` loop works on."""
        node.value = self(node.value)
        if not self._scope.source.gates or self._comprehended:
            return node
        site = self._scope.site("step", node, name=node.target.id, text=words.text_of(node.value))
        return self._scope.door("named", site, node)

    def visit_Yield(self, node: ast.Yield) -> ast.AST:
        """What a generator hands out."""
        site = self._scope.site("yield", node)
        value = self(node.value) if node.value is not None else build.const(None)
        return ast.Yield(value=self._scope.door("yielded", site, value))

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """A slice: which signals were in the whole, and which are left."""
        self.generic_visit(node)
        if not isinstance(node.slice, ast.Slice) or not isinstance(node.ctx, ast.Load) or not self._scope.source.gates:
            return node
        site = self._scope.site("slice", node, text=words.text_of(node))
        node.value = ast.copy_location(self._scope.door("whole", site, node.value), node)
        return self._scope.door("cut", site, node)

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        """Named values in a dict display."""
        self.generic_visit(node)
        for index, key in enumerate(node.keys):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                node.values[index] = self._named_value(key.value, node.values[index])
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Named values in keyword arguments; `locals()` without our temporaries; the reasons of any() and all()."""
        name = words.call_name(node)
        if name in ("any", "all") and len(node.args) == 1 and isinstance(node.args[0], ast.GeneratorExp | ast.ListComp):
            only = node.args[0]
            self._comprehension(only, decides=True)
            return node
        if name in ("any", "all") and len(node.args) == 1 and isinstance(node.args[0], ast.List | ast.Tuple):
            node.args[0].elts = [self._told(part, "element", written=True) for part in node.args[0].elts]
            return node
        node.func = self.visit(node.func)
        node.args = [self._given(part, index, node) for index, part in enumerate(node.args)]
        for keyword in node.keywords:
            keyword.value = self._given(keyword.value, keyword.arg or "", node)
        if isinstance(node.func, ast.Name) and name in ("locals", "vars", "dir") and not node.args:
            return build.door("clean", node, build.const(self._scope.source.prefix))
        for keyword in node.keywords:
            if keyword.arg:
                keyword.value = self._named_value(keyword.arg, keyword.value)
        return node

    def _given(self, node: ast.expr, place: int | str, call: ast.Call) -> ast.expr:
        """`require(score >= 3.0, "score")`: a comparison goes on as it is, and what the callee asks is about it."""
        label = words.first_text(call.args)
        return self._told(node, "argument", labels=[label, label], callee=words.call_name(call), place=place)

    def members(self, node: ast.Dict | ast.List | ast.Tuple, name: str) -> ast.expr:
        """`checks = {"score": score >= 3.0}`, or a list of such pairs: each comparison tells for whoever asks later."""
        if isinstance(node, ast.Dict):
            for index, key in enumerate(node.keys):
                label = words.constant_text(key)
                told = self._told(node.values[index], "member", of=name, labels=[label, label])
                node.values[index] = self._named_value(label, told) if label else told
                node.keys[index] = None if key is None else self(key)
            return node
        for index, part in enumerate(node.elts):
            inner = part.elts if isinstance(part, ast.Tuple) else [part]
            label = words.first_text(inner)
            inner[:] = [self._told(one, "member", of=name, labels=[label, label]) for one in inner]
            node.elts[index] = part if isinstance(part, ast.Tuple) else inner[0]
        return node

    def _told(self, node: ast.expr, form: str, **fields: object) -> ast.expr:
        """An expression that goes on as it is; where it is a comparison, with its operands on record."""
        scope = self._scope
        if not scope.source.gates or (self._comprehended and self._cells is None) or not _compares(node):
            given: ast.expr = self.visit(node)
            return given
        site, value, keep = self._valued(node, form, **fields)
        if isinstance(keep, Cells):
            return ast.copy_location(scope.door("element", site, value, build.load(keep.name)), node)
        values = keep.values() if isinstance(keep, Locals) else []
        return ast.copy_location(scope.door("argued", site, value, *values), node)

    def _valued(self, node: ast.expr, form: str, **fields: object) -> tuple[int, ast.expr, Keep]:
        """A condition that goes on as the value it is: its site, itself, and where its operands are kept."""
        site = self._scope.site("cond", node, form=form, text=words.text_of(node), **{**_NO_EXITS, **fields})
        condition, keep = self.condition()
        value, tree = condition.value(node)
        set_tree(site, tree)
        return site, value, keep

    def _named_value(self, name: str, value: ast.expr) -> ast.expr:
        names = self._scope.source.names
        asked = words.is_lineage_word(name) if names is None else name in names
        if not self._scope.source.gates or self._comprehended or not asked:
            return value
        site = self._scope.site("step", value, name=name, text=words.text_of(value))
        return ast.copy_location(self._scope.door("step", site, value), value)

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        """A lambda that answers yes or no says why."""
        first = [*node.args.posonlyargs, *node.args.args][:1]
        if self._iterable or not first or not is_boolean(node.body) or _suspends(node.body):
            return node
        scope = self._scope
        site = scope.site("lambda", node, form="lambda", text=words.text_of(node.body), **_NO_EXITS)
        cells = Cells(scope.temp())
        body, tree = Condition(cells, lambda inner: inner).value(node.body)
        set_tree(site, tree)
        fresh = build.bind(cells.name, ast.Dict(keys=[], values=[]))
        value = scope.temp()
        told = build.door(
            "answer", build.const(site), build.load(first[0].arg), build.load(value), build.load(cells.name)
        )
        node.body = ast.copy_location(build.item(build.tup([fresh, build.bind(value, body), told]), 2), node.body)
        return node

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        """A list comprehension."""
        return self._comprehension(node)

    def visit_SetComp(self, node: ast.SetComp) -> ast.AST:
        """A set comprehension."""
        return self._comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        """A generator expression."""
        return self._comprehension(node)

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        """A dict comprehension."""
        return self._comprehension(node)

    def _comprehension(self, node: _Comp, *, decides: bool = False) -> _Comp:
        elements = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        decides = decides and not isinstance(elements[0], ast.Constant)
        ternary = any(isinstance(element, ast.IfExp) for element in elements) and self._scope.source.gates
        if not decides and not ternary and not any(generator.ifs for generator in node.generators):
            return node
        outer, self._cells = self._cells, None
        self._comprehended += 1
        first = node.generators[0]
        over = {"targets": nodes.names_in(first.target), "over": words.text_of(first.iter)}
        site = self._scope.site("comp", node, text=words.text_of(node), **over)
        node.generators[0].iter = self._watched(site, node.generators[0].iter)
        with self._scope.loop(site, is_while=False):
            generators: list[ast.comprehension] = []
            for index, generator in enumerate(node.generators):
                last = index == len(node.generators) - 1
                generators += self._generator(site, generator, node, cells=bool(generator.ifs) or last)
            node.generators = generators
            self._elements(node, decides=decides)
        self._comprehended -= 1
        self._cells = outer
        return node

    def _watched(self, site: int, iterable: ast.expr) -> ast.expr:
        self._iterable += 1
        inner = self(iterable)
        self._iterable -= 1
        return ast.copy_location(self._scope.door("loop", site, inner), iterable)

    def _generator(
        self, site: int, generator: ast.comprehension, node: ast.expr, *, cells: bool
    ) -> list[ast.comprehension]:
        if not cells:
            return [generator]
        self._cells = Cells(self._scope.temp())
        element = self._scope.door("elem", site, target_names(generator.target))
        fresh = ast.List(elts=[ast.copy_location(element, node)], ctx=ast.Load())
        kept = ast.comprehension(target=build.store(self._cells.name), iter=fresh, ifs=[], is_async=0)
        kept.ifs = [
            ast.copy_location(self.recorded(test, "filter", exits=["filter", ""]), test) for test in generator.ifs
        ]
        generator.ifs = []
        return [generator, kept]

    def _elements(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, *, decides: bool) -> None:
        if isinstance(node, ast.DictComp):
            node.key, node.value = self(node.key), self(node.value)
        elif decides:
            node.elt = ast.copy_location(self._element(node.elt), node.elt)
        else:
            node.elt = self(node.elt)

    def _element(self, node: ast.expr) -> ast.expr:
        """An element of `any(...)` or `all(...)`: its value goes on as it is, for its truth is not ours to ask."""
        site, value, keep = self._valued(node, "element")
        name = keep.name if isinstance(keep, Cells) else ""
        return self._scope.door("element", site, value, build.load(name))


def _compares(node: ast.expr) -> bool:
    return is_boolean(node) and any(isinstance(part, ast.Compare) for part in nodes.inside(node))


_NO_EXITS: dict[str, object] = {"exits": ["", ""], "labels": ["", ""], "calls": []}


def set_tree(site: int, tree: dict[str, object]) -> None:
    """Complete a condition's site once its operands are placed."""
    sites.SITES[site]["tree"] = tree


def record(scope: Scope, site: int, outcome: bool | int, values: list[ast.expr], *, cheap: bool) -> ast.expr:
    """One event of a condition. `cheap`: its operands may be kept as they are."""
    if cheap:
        return scope.event(site, build.const(outcome), *values)
    name = {0: "see0", 1: "see1", 2: "see2"}.get(len(values), "see")
    return scope.door(name, site, build.const(outcome), *values)


def _suspends(node: ast.expr) -> bool:
    return any(isinstance(part, ast.Yield | ast.YieldFrom | ast.Await | ast.NamedExpr) for part in nodes.inside(node))
