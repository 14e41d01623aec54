"""The pieces a stranger is made of: tests on a signal's fields, and the writer that knows where each of them stands."""

from __future__ import annotations

import operator
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Signal = dict[str, Any]
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
FIELDS = ("score", "volume", "spread", "age")


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison of a numeric field with a limit, true for a signal that is to be dropped."""

    name: str
    op: str
    limit: int

    def drops(self, signal: Signal) -> bool:
        """The generator's own knowledge, by its own evaluation."""
        return OPERATORS[self.op](signal[self.name], self.limit)

    def bad(self, var: str) -> str:
        """Source of the comparison that is true for a signal to drop."""
        return f'{var}["{self.name}"] {self.op} {self.limit}'

    def good(self, var: str) -> str:
        """Source of the comparison that is true for a signal to keep."""
        return f'{var}["{self.name}"] {OPPOSITE[self.op]} {self.limit}'


def some_test(rng: random.Random) -> Test:
    """A test that drops about one signal in six."""
    name = rng.choice(FIELDS)
    if rng.random() < 0.5:
        return Test(name, rng.choice(["<", "<="]), rng.randint(8, 22))
    return Test(name, rng.choice([">", ">="]), rng.randint(78, 92))


@dataclass(slots=True)
class Source:
    """Writes lines and remembers where marked ones stand."""

    lines: list[str] = field(default_factory=list)
    marks: dict[str, int] = field(default_factory=dict)
    count: int = 0

    def write(self, indent: int, *texts: str) -> None:
        """Add lines at an indentation (in steps of four)."""
        self.lines += ["    " * indent + text for text in texts]

    def mark(self, indent: int, text: str) -> str:
        """Add a line and return the name of its mark."""
        self.write(indent, text)
        name = f"m{len(self.marks)}"
        self.marks[name] = len(self.lines)
        return name

    def fresh(self, stem: str) -> str:
        """A name that is not taken."""
        self.count += 1
        return f"{stem}_{self.count}"


@dataclass(frozen=True, slots=True)
class Drop:
    """Why a signal ends: one of these marked lines decided, in one of these ways."""

    marks: tuple[str, ...]
    value: str = ""
    handler: bool = False
    """The mark is an exception handler."""
    label: str = ""
    """The name that the bot gives this end, which may be known only when it runs."""
    after: tuple[str, ...] = ()
    """Marked lines that the signal may still touch after the deciding one (flags are asked for later)."""


@dataclass(slots=True)
class Gate:
    """One obstacle of the main loop: what it drops, and whether it ends the loop too."""

    kind: str
    decide: Callable[[Signal], Drop | None]
    write: Callable[[int, Callable[[int], None]], None]
    """Writes itself at an indentation; calls back to write what stands behind it, at the indentation given."""
    ends_loop: bool = False
