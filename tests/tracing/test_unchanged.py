"""The probe leaves alone what surrounds a condition: tracebacks, namespaces, generators, lifetimes, memory."""

from __future__ import annotations

import asyncio
import gc
import inspect
import textwrap
import traceback
import weakref
from typing import Any

import pytest

from harness.tracing.probe import record
from tests.tracing.probed import FILE, load

BOTH = pytest.mark.parametrize("probe", [False, True], ids=["without", "with"])


def _namespace(source: str, *, probe: bool) -> dict[str, Any]:
    if probe:
        namespace = load(source)
        record.start(signals=None, identity=["symbol"])
        return namespace
    namespace = {"__name__": "bot_under_test"}
    exec(compile(textwrap.dedent(source), FILE, "exec"), namespace)  # noqa: S102 - the source is ours
    return namespace


@BOTH
def test_tracebacks_name_the_same_lines(probe: bool) -> None:
    """An exception comes out with the frames, lines and context of the original."""
    source = """
def inner(x):
    if x > 1 and x.missing:
        return 1

def outer():
    try:
        inner(2)
    except AttributeError as error:
        raise ValueError(
            "wrapped"
        ) from error
"""
    namespace = _namespace(source, probe=probe)
    with pytest.raises(ValueError, match="wrapped") as caught:
        namespace["outer"]()
    frames = [(frame.name, frame.lineno) for frame in traceback.extract_tb(caught.value.__traceback__)][1:]
    cause = caught.value.__cause__
    assert cause is not None

    assert frames == [("outer", 10)]
    assert [(f.name, f.lineno) for f in traceback.extract_tb(cause.__traceback__)] == [("outer", 8), ("inner", 3)]
    assert caught.value.__context__ is cause


@BOTH
def test_locals_and_globals_show_nothing_of_the_probe(probe: bool) -> None:
    """`locals()`, `vars()`, `dir()` and the module's own namespace hold the bot's names alone."""
    namespace = _namespace(
        """
def f(a):
    if a > 1 and a < 5:
        b = 2
    return sorted(locals()), sorted(vars()), dir(), "{a} {b}".format(**locals())
""",
        probe=probe,
    )

    assert namespace["f"](3) == (["a", "b"], ["a", "b"], ["a", "b"], "3 2")
    assert {name for name in namespace if not name.startswith("__")} == {"f"}


@BOTH
def test_generators_and_coroutines_behave(probe: bool) -> None:
    """Sent values, thrown exceptions, return values, close and await go through."""
    namespace = _namespace(
        '''
def g(n):
    """Kept."""
    got = []
    try:
        while len(got) < n:
            try:
                got.append((yield len(got)))
            except KeyError as error:
                got.append(repr(error))
        return got
    finally:
        CLOSED.append(n)

async def h(n):
    if n > 2:
        return [x async for x in source(n) if x % 2]
    return None

async def source(n):
    for x in range(n):
        yield x

CLOSED = []
''',
        probe=probe,
    )
    generator = namespace["g"](3)
    steps = [next(generator), generator.send("a"), generator.throw(KeyError("b"))]
    with pytest.raises(StopIteration) as stopped:
        generator.send("c")
    second = namespace["g"](9)
    next(second)
    second.close()

    assert steps == [0, 1, 2]
    assert stopped.value.value == ["a", "KeyError('b')", "c"]
    assert namespace["CLOSED"] == [3, 9]
    assert namespace["g"].__doc__ == "Kept."
    assert asyncio.run(namespace["h"](6)) == [1, 3, 5]
    assert inspect.iscoroutinefunction(namespace["h"])


@BOTH
def test_names_in_classes_closures_and_globals_resolve(probe: bool) -> None:
    """Private names, super(), nonlocal, global, closures in loops and defaults work as before."""
    namespace = _namespace(
        """
total = 0

class Base:
    def value(self): return 1

class Child(Base):
    __hidden = 5
    def value(self):
        __local = super().value()
        if self.__hidden > __local:
            return self.__hidden + __local
        return 0

def count():
    global total
    seen = 0
    def add(x, step=1):
        nonlocal seen
        if x > 0:
            seen += step
        return [y for y in range(x) if y >= seen - 1 and y not in (7,)]
    kept = [add(n) for n in (1, 0, 3)]
    total += seen
    del seen
    return kept, total

class Table:
    rows = [n for n in range(4) if n > 1]
    rule = lambda self, n: n > 1 and n < 3
""",
        probe=probe,
    )

    assert namespace["Child"]().value() == 6
    assert namespace["count"]() == ([[0], [], [1, 2]], 2)
    assert (namespace["Table"].rows, namespace["Table"]().rule(2)) == ([2, 3], True)


@BOTH
def test_no_property_of_the_bots_objects_runs(probe: bool) -> None:
    """Identity and lineage are read from instance dicts and slots; properties and `__repr__` are not touched."""
    namespace = _namespace(
        """
RAN = []

class Signal:
    def __init__(self): self._score = 1.0
    @property
    def symbol(self): RAN.append("symbol"); return "A"
    @property
    def score(self): RAN.append("get"); return self._score
    @score.setter
    def score(self, value): RAN.append("set"); self._score = value
    def __repr__(self): RAN.append("repr"); return "S"
    def __eq__(self, other): RAN.append("eq"); return NotImplemented
    def __hash__(self): RAN.append("hash"); return 1

def f(signals):
    for s in signals:
        s.score *= 2
        s.score = 5
        if s is None:
            continue
    return RAN
""",
        probe=probe,
    )

    assert namespace["f"]([namespace["Signal"]()]) == ["get", "set", "set"]


def test_nothing_is_kept_alive_that_may_hold_resources() -> None:
    """An object that a condition looked at can go when the bot lets it go; only plain values are kept."""
    namespace = load(
        """
class Thing:
    ok = True

def f():
    thing = Thing()
    REFS.append(ref(thing))
    if thing and thing.ok:
        pass
    if thing is None:
        return
    x = thing

REFS = []
""",
        ref=weakref.ref,
    )
    recorder = record.start(signals=None, identity=["symbol"])
    namespace["f"]()
    gc.collect()

    assert namespace["REFS"][0]() is None
    recorder.finish("returned")


def test_a_loop_without_end_stays_within_the_limit() -> None:
    """What is beyond the recorder's limit is dropped and counted."""
    namespace = load(
        """
def f():
    n = 0
    while True:
        n += 1
        if n > 100_000:
            break
        if n < 0:
            continue
    return n
"""
    )
    recorder = record.start(signals=[], identity=["symbol"])
    returned = namespace["f"]()
    raw = recorder.finish("returned")

    assert returned == 100_001
    assert len(raw["events"]) == 60_000
    assert raw["dropped"] > 100_000
