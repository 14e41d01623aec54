"""Obstacles inline in the loop over signals. Each is a function `(rng, source, way_out)` that returns a `Gate`.

`way_out` is how a dropped signal leaves: `continue` in a loop, `return` in a function that works on one signal.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from .parts import Drop, Gate, Signal, Source, Test, some_test

Rest = Callable[[int], None]


class Marked:
    """A drop whose marks become known only when the source is written."""

    def __init__(self, *tests: Test) -> None:
        self.tests = tests
        self.marks: list[str] = []

    def first(self, signal: Signal) -> Drop | None:
        """Dropped by the first test that is true; test n stands at mark n."""
        for number, test in enumerate(self.tests):
            if test.drops(signal):
                return Drop((self.marks[number],), str(signal[test.name]))
        return None

    def any_of(self, signal: Signal) -> Drop | None:
        """Dropped when any test is true; each true test's mark is a right answer."""
        true = [number for number, test in enumerate(self.tests) if test.drops(signal)]
        return Drop(tuple(self.marks[number] for number in true), after=tuple(self.marks)) if true else None

    def one_line(self, signal: Signal) -> Drop | None:
        """All tests stand on one line; the value is the first true one's."""
        test = next((test for test in self.tests if test.drops(signal)), None)
        return Drop((self.marks[0],), str(signal[test.name])) if test else None

    def all_true(self, signal: Signal) -> Drop | None:
        """Dropped only when all tests are true."""
        return Drop((self.marks[0],)) if all(test.drops(signal) for test in self.tests) else None


def inline(rng: random.Random, source: Source, out: str) -> Gate:
    """`if bad: log; continue`."""
    marked = Marked(some_test(rng))
    alias = rng.random() < 0.4

    def write(indent: int, rest: Rest) -> None:
        test = marked.tests[0]
        condition = test.bad("s")
        if alias:
            name = source.fresh("value")
            source.write(indent, f'{name} = s["{test.name}"]')
            condition = f"{name} {test.op} {test.limit}"
        marked.marks.append(source.mark(indent, f"if {condition}:"))
        if rng.random() < 0.6:
            source.write(indent + 1, f'log("dropped for its {test.name}", s["symbol"])')
        source.write(indent + 1, out)
        rest(indent)

    return Gate("inline", marked.first, write)


def no_else(rng: random.Random, source: Source, out: str) -> Gate:
    """`if good: (all that follows)`."""
    marked = Marked(some_test(rng))

    def write(indent: int, rest: Rest) -> None:
        marked.marks.append(source.mark(indent, f"if {marked.tests[0].good('s')}:"))
        rest(indent + 1)

    return Gate("no else", marked.first, write)


def else_branch(rng: random.Random, source: Source, out: str) -> Gate:
    """`if bad: log else: (all that follows)`, or an elif chain."""
    marked = Marked(some_test(rng), some_test(rng))

    def write(indent: int, rest: Rest) -> None:
        for word, test in zip(("if", "elif"), marked.tests, strict=True):
            marked.marks.append(source.mark(indent, f"{word} {test.bad('s')}:"))
            source.write(indent + 1, f'log("no: {test.name}")')
        source.write(indent, "else:")
        rest(indent + 1)

    return Gate("else branch", marked.first, write)


def disjunction(rng: random.Random, source: Source, out: str) -> Gate:
    """`if bad1 or bad2 or bad3: continue`."""
    marked = Marked(*(some_test(rng) for _ in range(rng.randint(2, 3))))

    def write(indent: int, rest: Rest) -> None:
        text = " or ".join(test.bad("s") for test in marked.tests)
        marked.marks.append(source.mark(indent, f"if {text}:"))
        source.write(indent + 1, out)
        rest(indent)

    return Gate("or", marked.one_line, write)


def negated_conjunction(rng: random.Random, source: Source, out: str) -> Gate:
    """`if not (good1 and good2): continue`."""
    marked = Marked(some_test(rng), some_test(rng))

    def write(indent: int, rest: Rest) -> None:
        text = " and ".join(test.good("s") for test in marked.tests)
        marked.marks.append(source.mark(indent, f"if not ({text}):"))
        source.write(indent + 1, out)
        rest(indent)

    return Gate("not and", marked.one_line, write)


def conjunction(rng: random.Random, source: Source, out: str) -> Gate:
    """`if bad1 and bad2: continue`."""
    marked = Marked(Test("score", "<", rng.randint(40, 60)), Test("volume", "<", rng.randint(40, 60)))

    def write(indent: int, rest: Rest) -> None:
        text = " and ".join(test.bad("s") for test in marked.tests)
        marked.marks.append(source.mark(indent, f"if {text}:"))
        source.write(indent + 1, out)
        rest(indent)

    return Gate("and", marked.all_true, write)


def walrus(rng: random.Random, source: Source, out: str) -> Gate:
    """`if (x := ...) < limit: continue`."""
    marked = Marked(some_test(rng))

    def write(indent: int, rest: Rest) -> None:
        test, name = marked.tests[0], source.fresh("seen")
        marked.marks.append(source.mark(indent, f'if ({name} := s["{test.name}"]) {test.op} {test.limit}:'))
        source.write(indent + 1, out)
        rest(indent)

    return Gate("walrus", marked.first, write)


def chain(rng: random.Random, source: Source, out: str) -> Gate:
    """`if not low <= x <= high: continue`."""
    name, low, high = rng.choice(["score", "volume"]), rng.randint(8, 20), rng.randint(80, 92)
    marked = Marked(Test(name, "<", low), Test(name, ">", high))

    def write(indent: int, rest: Rest) -> None:
        marked.marks.append(source.mark(indent, f'if not {low} <= s["{name}"] <= {high}:'))
        source.write(indent + 1, out)
        rest(indent)

    return Gate("chain", marked.one_line, write)


def ternary(rng: random.Random, source: Source, out: str) -> Gate:
    """A quantity that a ternary sets to nothing, and the gate that asks for it."""
    marked = Marked(some_test(rng))

    def write(indent: int, rest: Rest) -> None:
        name = source.fresh("qty")
        source.write(indent, f"{name} = 10 if {marked.tests[0].good('s')} else 0")
        marked.marks.append(source.mark(indent, f"if {name} <= 0:"))
        source.write(indent + 1, out)
        rest(indent)

    def decide(signal: Signal) -> Drop | None:
        return Drop((marked.marks[0],), "0") if marked.tests[0].drops(signal) else None

    return Gate("ternary", decide, write)


def match_case(rng: random.Random, source: Source, out: str) -> Gate:
    """`match` on a field; one case leaves."""
    bad = rng.choice(["north", "south", "east"])
    marks: list[str] = []
    rest_case = rng.random() < 0.5

    def write(indent: int, rest: Rest) -> None:
        marks.append(source.mark(indent, 'match s["theme"]:'))
        source.write(indent + 1, f'case "{bad}":')
        source.write(indent + 2, f'log("theme {bad}")', out)
        if rest_case:
            source.write(indent + 1, "case _:")
            rest(indent + 2)
        else:
            source.write(indent + 1, 'case "west" | "up":', "    pass")
            rest(indent)

    return Gate("match", lambda signal: Drop((marks[0],)) if signal["theme"] == bad else None, write)


def in_set(rng: random.Random, source: Source, out: str) -> Gate:
    """`if symbol in cooldown: continue`."""
    chosen = frozenset(rng.sample(range(12), 2))
    marks: list[str] = []

    def write(indent: int, rest: Rest) -> None:
        name = source.fresh("cooldown")
        names = ", ".join(f'"SYM{number}"' for number in sorted(chosen))
        source.write(indent, f"{name} = {{{names}}}")
        marks.append(source.mark(indent, f'if s["symbol"] in {name}:'))
        source.write(indent + 1, out)
        rest(indent)

    def decide(signal: Signal) -> Drop | None:
        return Drop((marks[0],), repr(signal["symbol"])) if int(signal["symbol"][3:]) in chosen else None

    return Gate("in", decide, write)


def nested_if(rng: random.Random, source: Source, out: str) -> Gate:
    """`if a: if b: continue`: the inner one decides."""
    outer, inner = Test("score", "<", 60), some_test(rng)
    marks: list[str] = []

    def write(indent: int, rest: Rest) -> None:
        source.write(indent, f"if {outer.bad('s')}:")
        marks.append(source.mark(indent + 1, f"if {inner.bad('s')}:"))
        source.write(indent + 2, out)
        rest(indent)

    def decide(signal: Signal) -> Drop | None:
        return Drop((marks[0],), str(signal[inner.name])) if outer.drops(signal) and inner.drops(signal) else None

    return Gate("nested if", decide, write)


def flags(rng: random.Random, source: Source, out: str) -> Gate:
    """A flag, or a list of reasons, set by either of two conditions and asked for later."""
    marked = Marked(some_test(rng), some_test(rng))
    listed = rng.random() < 0.5

    def write(indent: int, rest: Rest) -> None:
        name = source.fresh("reasons" if listed else "blocked")
        source.write(indent, f"{name} = {'[]' if listed else 'False'}")
        for test in marked.tests:
            marked.marks.append(source.mark(indent, f"if {test.bad('s')}:"))
            source.write(indent + 1, f'{name}.append("{test.name}")' if listed else f"{name} = True")
        source.write(indent, f"if {name}:")
        source.write(indent + 1, out)
        rest(indent)

    return Gate("flags", marked.any_of, write)


def boolean(rng: random.Random, source: Source, out: str) -> Gate:
    """`ok = good1 and good2`, asked for later."""
    marked = Marked(some_test(rng), some_test(rng))

    def write(indent: int, rest: Rest) -> None:
        name = source.fresh("ok")
        text = " and ".join(test.good("s") for test in marked.tests)
        marked.marks.append(source.mark(indent, f"{name} = {text}"))
        source.write(indent, f"if not {name}:")
        source.write(indent + 1, out)
        rest(indent)

    return Gate("boolean", marked.one_line, write)


def rewrite(rng: random.Random, source: Source, out: str) -> Gate:
    """A silent rewrite of the score, and the gate behind it."""
    limit, factor = rng.randint(4, 12), rng.choice([2, 3])
    marks: list[str] = []

    def write(indent: int, rest: Rest) -> None:
        source.write(indent, 'score = s["score"]', f"score //= {factor}")
        marks.append(source.mark(indent, f"if score < {limit}:"))
        source.write(indent + 1, out)
        rest(indent)

    def decide(signal: Signal) -> Drop | None:
        left = signal["score"] // factor
        return Drop((marks[0],), str(left)) if left < limit else None

    return Gate("rewrite", decide, write)


INLINE = (
    inline,
    no_else,
    else_branch,
    disjunction,
    negated_conjunction,
    conjunction,
    walrus,
    chain,
    ternary,
    match_case,
    in_set,
    nested_if,
    flags,
    boolean,
    rewrite,
)
