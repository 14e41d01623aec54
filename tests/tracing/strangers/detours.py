"""Obstacles that take a detour: exceptions, inner loops, callees, nested callees, lambdas, early ends of the loop."""

from __future__ import annotations

import random
from collections.abc import Callable

from .obstacles import Marked
from .parts import Drop, Gate, Signal, Source, some_test

Rest = Callable[[int], None]


def guarded(rng: random.Random, source: Source, out: str) -> Gate:
    """An inline gate inside try / except / finally."""
    marked = Marked(some_test(rng))
    finally_too = rng.random() < 0.5

    def write(indent: int, rest: Rest) -> None:
        source.write(indent, "try:")
        marked.marks.append(source.mark(indent + 1, f"if {marked.tests[0].bad('s')}:"))
        source.write(indent + 2, out)
        source.write(indent, "except ValueError:")
        source.write(indent + 1, "pass")
        if finally_too:
            source.write(indent, "finally:")
            source.write(indent + 1, 'log("looked", s["symbol"])')
        rest(indent)

    return Gate("try", marked.first, write)


def crash(rng: random.Random, source: Source, out: str) -> Gate:
    """A field that some signals lack; the handler gives the signal up."""
    marked = Marked(some_test(rng))
    name = rng.choice(["extra", "bonus"])

    def write(indent: int, rest: Rest) -> None:
        source.write(indent, "try:")
        source.write(indent + 1, f'if s["{name}"] > 200:', '    log("huge")')
        marked.marks.append(source.mark(indent, "except KeyError:"))
        source.write(indent + 1, 'log("incomplete", s["symbol"])', out)
        rest(indent)

    return Gate(
        "crash", lambda s: Drop((marked.marks[0],), handler=True, label="incomplete") if name not in s else None, write
    )


def failed_open(rng: random.Random, source: Source, out: str) -> Gate:
    """A gate whose input some signals lack; `except: pass` lets them on."""
    test = some_test(rng)
    marks: list[str] = []

    def write(indent: int, rest: Rest) -> None:
        source.write(indent, "try:")
        marks.append(source.mark(indent + 1, f'if s["extra"] >= 0 and {test.bad("s")}:'))
        source.write(indent + 2, out)
        source.write(indent, "except Exception:", "    pass")
        rest(indent)

    def decide(signal: Signal) -> Drop | None:
        return Drop((marks[0],)) if "extra" in signal and test.drops(signal) else None

    return Gate("failed open", decide, write)


def legs(rng: random.Random, source: Source, out: str) -> Gate:
    """An inner loop over a signal's legs: `for / break / else`, or a flag and a break."""
    limit, with_else = rng.randint(5, 12), rng.random() < 0.5
    marks: list[str] = []

    def write(indent: int, rest: Rest) -> None:
        name = source.fresh("bad")
        if not with_else:
            source.write(indent, f"{name} = False")
        source.write(indent, 'for leg in s["legs"]:')
        marks.append(source.mark(indent + 1, f"if leg < {limit}:"))
        if with_else:
            source.write(indent + 2, "break")
            source.write(indent, "else:")
            rest(indent + 1)
            return
        source.write(indent + 2, f"{name} = True", "break")
        source.write(indent, f"if {name}:")
        source.write(indent + 1, out)
        rest(indent)

    def decide(signal: Signal) -> Drop | None:
        bad = next((leg for leg in signal["legs"] if leg < limit), None)
        return Drop((marks[0],), str(bad)) if bad is not None else None

    return Gate("legs", decide, write)


def any_leg(rng: random.Random, source: Source, out: str) -> Gate:
    """`if any(leg < limit for leg in legs): continue`, or `not all(...)`."""
    limit, negative = rng.randint(5, 12), rng.random() < 0.5
    marks: list[str] = []

    def write(indent: int, rest: Rest) -> None:
        text = (
            f'not all(leg >= {limit} for leg in s["legs"])' if negative else f'any(leg < {limit} for leg in s["legs"])'
        )
        marks.append(source.mark(indent, f"if {text}:"))
        source.write(indent + 1, out)
        rest(indent)

    def decide(signal: Signal) -> Drop | None:
        bad = next((leg for leg in signal["legs"] if leg < limit), None)
        return Drop((marks[0],), str(bad)) if bad is not None else None

    return Gate("any", decide, write)


def reasoned_callee(rng: random.Random, source: Source, out: str) -> Gate:
    """A callee that returns `(ok, reason)`, perhaps through a second one."""
    marked = Marked(some_test(rng), some_test(rng))
    name, through = source.fresh("check"), rng.random() < 0.4
    source.write(0, f"def {name}(s):")
    for test in marked.tests:
        marked.marks.append(source.mark(1, f"if {test.bad('s')}:"))
        source.write(2, f'return False, "the {test.name}"')
    source.write(1, 'return True, ""')
    if through:
        inner, name = name, source.fresh("guard")
        source.write(0, f"def {name}(s):")
        if rng.random() < 0.5:
            source.write(1, f"return {inner}(s)")
        else:
            source.write(1, f"ok, why = {inner}(s)", "if not ok:", '    return False, f"guard: {why}"')
            source.write(1, 'return True, ""')

    def write(indent: int, rest: Rest) -> None:
        source.write(indent, f"ok, reason = {name}(s)", "if not ok:")
        source.write(indent + 1, 'log("refused", reason)', out)
        rest(indent)

    return Gate("reasoned callee", marked.first, write)


def boolean_callee(rng: random.Random, source: Source, out: str) -> Gate:
    """A callee that answers yes or no: a comparison, early returns, or the other way round."""
    marked = Marked(some_test(rng), some_test(rng))
    name, form = source.fresh("is_fine"), rng.choice(["compare", "early", "inverse"])
    source.write(0, f"def {name}(s):")
    if form == "compare":
        text = " and ".join(test.good("s") for test in marked.tests)
        marked.marks.append(source.mark(1, f"return {text}"))
    else:
        for test in marked.tests:
            marked.marks.append(source.mark(1, f"if {test.bad('s')}:"))
            source.write(2, f"return {form == 'inverse'}")
        source.write(1, f"return {form != 'inverse'}")

    def write(indent: int, rest: Rest) -> None:
        source.write(indent, f"if {'' if form == 'inverse' else 'not '}{name}(s):")
        source.write(indent + 1, out)
        rest(indent)

    return Gate(f"boolean callee {form}", marked.one_line if form == "compare" else marked.first, write)


def raising_callee(rng: random.Random, source: Source, out: str) -> Gate:
    """A callee that raises; the caller handles it and leaves."""
    marked = Marked(some_test(rng))
    name = source.fresh("enforce")
    source.write(0, f"def {name}(s):")
    marked.marks.append(source.mark(1, f"if {marked.tests[0].bad('s')}:"))
    source.write(2, f'raise Denied("the {marked.tests[0].name}")')

    def write(indent: int, rest: Rest) -> None:
        source.write(indent, "try:", f"    {name}(s)", "except Denied as denied:")
        source.write(indent + 1, 'log("denied", denied)', out)
        rest(indent)

    return Gate("raising callee", marked.first, write)


def rules(rng: random.Random, source: Source, out: str) -> Gate:
    """Rules in a table: lambdas, with `for / break / else`, or `all(...)`."""
    marked = Marked(*(some_test(rng) for _ in range(3)))
    name, form = source.fresh("RULES"), rng.choice(["else", "all", "flag"])
    source.write(0, f"{name} = [")
    for test in marked.tests:
        marked.marks.append(source.mark(1, f"lambda s: {test.good('s')},"))
    source.write(0, "]")

    def write(indent: int, rest: Rest) -> None:
        if form == "all":
            source.write(indent, f"if not all(rule(s) for rule in {name}):", f"    {out}")
            rest(indent)
            return
        if form == "flag":
            source.write(indent, "fine = True", f"for rule in {name}:", "    if not rule(s):")
            source.write(indent + 2, "fine = False", "break")
            source.write(indent, "if fine:")
        else:
            source.write(indent, f"for rule in {name}:", "    if not rule(s):", "        break")
            source.write(indent, "else:")
        rest(indent + 1)

    return Gate(f"rules {form}", marked.first, write)


def method(rng: random.Random, source: Source, out: str) -> Gate:
    """A method of an object, limits as its attributes."""
    marked = Marked(some_test(rng))
    test, name = marked.tests[0], source.fresh("Guard")
    source.write(0, f"class {name}:")
    source.write(1, "def __init__(self):", f"    self.max_limit = {test.limit}")
    source.write(1, "def allows(self, s):")
    marked.marks.append(source.mark(2, f'if s["{test.name}"] {test.op} self.max_limit:'))
    source.write(3, "return None")
    source.write(2, "return s")

    def write(indent: int, rest: Rest) -> None:
        source.write(indent, f"allowed = {name}().allows(s)", "if allowed is None:", f"    {out}")
        rest(indent)

    return Gate("method", marked.first, write)


def loop_end(rng: random.Random, source: Source, out: str) -> Gate:
    """`break` out of the loop over signals: those after it are never looked at."""
    symbol = f"SYM{rng.randrange(6, 12)}"
    marks: list[str] = []

    def write(indent: int, rest: Rest) -> None:
        marks.append(source.mark(indent, f'if s["symbol"] == "{symbol}":'))
        source.write(indent + 1, 'log("daily limit")', "break" if out == "continue" else out)
        rest(indent)

    def decide(signal: Signal) -> Drop | None:
        return Drop((marks[0],), repr(symbol)) if signal["symbol"] == symbol else None

    return Gate("loop end", decide, write, ends_loop=out == "continue")


DETOURS = (
    guarded,
    crash,
    failed_open,
    legs,
    any_leg,
    reasoned_callee,
    boolean_callee,
    raising_callee,
    rules,
    method,
    loop_end,
)
