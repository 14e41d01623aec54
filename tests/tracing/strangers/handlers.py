"""Obstacles that end a signal in an exception handler, or raise on purpose for the caller's handler to take."""

from __future__ import annotations

import random
from collections.abc import Callable

from .obstacles import Marked
from .parts import Drop, Gate, Signal, Source, some_test

Rest = Callable[[int], None]


class _Quotes:
    """A table without some of the signals; who looks one of these up gets an exception that has a name elsewhere."""

    def __init__(self, rng: random.Random, source: Source) -> None:
        missing = rng.sample(range(12), 2)
        self.missing = frozenset(f"SYM{number}" for number in missing)
        self.name, self.words = source.fresh("QUOTES"), source.fresh("WORDS")
        self.label = source.fresh("no_quote")
        kept = ", ".join(f'"SYM{number}": {number + 5}' for number in range(12) if number not in missing)
        source.write(0, f"{self.name} = {{{kept}}}")
        source.write(0, f'{self.words} = {{"KeyError": "{self.label}"}}')
        self.asked = f'{self.name}[s["symbol"]]'
        name = f"{self.words}[type(error).__name__]"
        self.says = rng.choice(
            [f"blocked({name})", f"""blocked({name}, s["symbol"], limit=f"an answer within {{s['theme']}} s")"""]
        )

    def drop(self, mark: str, signal: Signal, label: str | None = None) -> Drop | None:
        """The handler at a mark ends the signals that are not in the table."""
        if signal["symbol"] not in self.missing:
            return None
        return Drop((mark,), handler=True, label=self.label if label is None else label)


def handled(rng: random.Random, source: Source, out: str) -> Gate:
    """The handler logs a name that is only known when it runs, and leaves; or what follows stands in the `else`."""
    quotes, with_else = _Quotes(rng, source), rng.random() < 0.4
    marks: list[str] = []

    def write(indent: int, rest: Rest) -> None:
        source.write(indent, "try:", f"    quote = {quotes.asked}")
        marks.append(source.mark(indent, "except LookupError as error:"))
        source.write(indent + 1, quotes.says)
        if with_else:
            source.write(indent, "else:")
            rest(indent + 1)
            return
        source.write(indent + 1, out)
        rest(indent)

    return Gate("handled", lambda s: quotes.drop(marks[0], s), write)


def answered(rng: random.Random, source: Source, out: str) -> Gate:
    """A callee with a gate and then a handler that both say no; the caller asks for its answer."""
    quotes, marked = _Quotes(rng, source), Marked(some_test(rng))
    name, falls, no = source.fresh("quote_of"), rng.random() < 0.5, rng.choice(["None", "False", "[]"])
    source.write(0, f"def {name}(s):")
    marked.marks.append(source.mark(1, f"if {marked.tests[0].bad('s')}:"))
    source.write(2, f'blocked("the_{marked.tests[0].name}", s["symbol"])', f"return {no}")
    source.write(1, "try:", f"    return {quotes.asked}")
    handler = source.mark(1, "except LookupError as error:")
    source.write(2, quotes.says, *([] if falls else [f"return {no}"]))
    if falls:
        source.write(1, f"return {no}")

    def write(indent: int, rest: Rest) -> None:
        source.write(indent, f"quote = {name}(s)", "if quote is None:" if no == "None" else "if not quote:")
        source.write(indent + 1, out)
        rest(indent)

    return Gate("answered", lambda s: marked.first(s) or quotes.drop(handler, s), write)


def passed_up(rng: random.Random, source: Source, out: str) -> Gate:
    """A callee raises with a name of its own, under a condition or in a handler; the caller logs the name."""
    quotes, marked = _Quotes(rng, source), Marked(some_test(rng))
    name, label, gone = source.fresh("usable"), source.fresh("stale"), source.fresh("missing")
    source.write(0, f"def {name}(s):", "    try:", f"        quote = {quotes.asked}")
    handler = source.mark(1, "except LookupError as error:")
    source.write(2, f'raise Unusable("{gone}", f"there is no quote: {{error}}") from None')
    marked.marks.append(source.mark(1, f"if {marked.tests[0].bad('s')}:"))
    source.write(2, f'raise Unusable("{label}", f"it is {{s}}")')
    source.write(1, "return quote")

    def write(indent: int, rest: Rest) -> None:
        source.write(indent, "try:", f"    quote = {name}(s)", "except Unusable as error:")
        source.write(indent + 1, 'blocked(error.label, s["symbol"], way_out=f"because {error}")', out)
        rest(indent)

    def decide(signal: Signal) -> Drop | None:
        drop = quotes.drop(handler, signal, gone)
        if drop is None and marked.tests[0].drops(signal):
            drop = Drop((marked.marks[0],), str(signal[marked.tests[0].name]), label=label)
        return drop

    return Gate("passed up", decide, write)


def defaulted(rng: random.Random, source: Source, out: str) -> Gate:
    """The handler puts a default in place and goes on; the gate behind it decides, on the default."""
    quotes = _Quotes(rng, source)
    marks: list[str] = []

    def write(indent: int, rest: Rest) -> None:
        source.write(indent, "try:", f"    quote = {quotes.asked}", "except LookupError as error:")
        source.write(indent + 1, quotes.says, "quote = 0")
        marks.append(source.mark(indent, "if quote < 1:"))
        source.write(indent + 1, out)
        rest(indent)

    return Gate("defaulted", lambda s: Drop((marks[0],), "0") if s["symbol"] in quotes.missing else None, write)


def umbrella(rng: random.Random, source: Source, out: str) -> Gate:
    """All that follows, the order call too, stands in one `try`; its handler leaves, or swallows and has no more."""
    quotes, leaves = _Quotes(rng, source), rng.random() < 0.5
    marks: list[str] = []

    def write(indent: int, rest: Rest) -> None:
        source.write(indent, "try:", f"    quote = {quotes.asked}")
        rest(indent + 1)
        marks.append(source.mark(indent, "except LookupError as error:"))
        source.write(indent + 1, quotes.says, *([out] if leaves else []))

    return Gate("umbrella", lambda s: quotes.drop(marks[0], s), write)


HANDLERS = (handled, answered, passed_up, defaulted, umbrella)
