"""One function that is being rewritten: its names, its temporaries, and where in it we stand."""

from __future__ import annotations

import ast
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import build, sites

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True, kw_only=True)
class Source:
    """What all functions of one module share while it is rewritten."""

    file: str
    prefix: str
    gates: bool
    """Whether passed gates, lineage and assignments are recorded too, not only exits."""
    names: frozenset[str] | None = None
    """The names whose lineage may be asked for; None: any name's."""


@dataclass(slots=True, kw_only=True)
class Scope:
    """One function. `under` is the chain of branches around the current statement, `loops` the chain of loops."""

    source: Source
    qualname: str
    fn: int
    temps: int = 0
    unset: list[str] = field(default_factory=list)
    """Temporaries that a short circuit may leave unbound; they are set to None at the function's entry."""
    under: list[list[int]] = field(default_factory=list)
    loops: list[int] = field(default_factory=list)
    tries: list[int] = field(default_factory=list)
    in_while: list[bool] = field(default_factory=list)
    labelled: list[str] = field(default_factory=list)
    """For each loop around, the local that says whether its turn has a signal; empty for `while`."""
    passed_on: frozenset[str] = frozenset()
    """Names that are looped over, sliced, passed or returned, and so may be collections of signals that matter."""
    calls: dict[str, int] = field(default_factory=dict)
    follows: bool = False
    active: int = 0
    """How many places were instrumented; a function with none is left as it was."""

    @property
    def act(self) -> str:
        """The local that holds the number of this activation."""
        return f"{self.source.prefix}a"

    @property
    def emit(self) -> str:
        """The local that appends an event."""
        return f"{self.source.prefix}e"

    @property
    def wanted(self) -> str:
        """The local that holds the numbers of the followed assignments."""
        return f"{self.source.prefix}w"

    def temp(self, *, may_be_unset: bool = False) -> str:
        """A new local name."""
        self.temps += 1
        name = f"{self.source.prefix}{self.temps}"
        if may_be_unset:
            self.unset.append(name)
        return name

    def site(self, kind: str, node: ast.AST, **fields: object) -> int:
        """Write a site of this function."""
        self.active += 1
        return sites.add(
            kind,
            fn=self.fn,
            line=getattr(node, "lineno", 0),
            end=getattr(node, "end_lineno", 0),
            loops=list(self.loops),
            under=[list(step) for step in self.under],
            tries=list(self.tries),
            **fields,
        )

    def event(self, site: int, *values: ast.expr) -> ast.expr:
        """An append of one event: the cheapest recording there is."""
        return build.call(self.emit, build.tup([build.const(site), build.load(self.act), *values]))

    def door(self, method: str, site: int, *values: ast.expr) -> ast.expr:
        """A recording that looks at its values."""
        return build.door(method, build.const(site), build.load(self.act), *values)

    @contextmanager
    def branch(self, site: int, outcome: int) -> Iterator[None]:
        """Stand inside one branch of a condition."""
        self.under.append([site, outcome])
        try:
            yield
        finally:
            self.under.pop()

    @contextmanager
    def loop(self, site: int, *, is_while: bool, labelled: str = "") -> Iterator[None]:
        """Stand inside the body of a loop."""
        self.loops.append(site)
        self.in_while.append(is_while)
        self.labelled.append(labelled)
        try:
            yield
        finally:
            self.loops.pop()
            self.in_while.pop()
            self.labelled.pop()

    @contextmanager
    def guarded(self, site: int) -> Iterator[None]:
        """Stand inside the body of a `try` with handlers."""
        self.tries.append(site)
        try:
            yield
        finally:
            self.tries.pop()
