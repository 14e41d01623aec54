"""The probe changes no condition: results, exceptions, order of evaluation and truth tests are the original's."""

from __future__ import annotations

import contextlib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from harness.tracing.probe import record, rewrite
from tests.tracing.probed import FILE


class Seen:
    """An operand that writes down every question it is asked."""

    def __init__(self, name: str, value: Any, log: list[str]) -> None:
        self.name, self.value, self.log = name, value, log

    def _ask(self, what: str) -> None:
        self.log.append(f"{self.name}.{what}")

    def __bool__(self) -> bool:
        self._ask("bool")
        if self.value == "raise":
            raise ValueError(self.name)
        return bool(self.value)

    def _compare(self, what: str, other: Any) -> Seen:
        self._ask(what)
        value = other.value if isinstance(other, Seen) else other
        answers = {"<": self.value < value, "==": self.value == value, ">=": self.value >= value}
        return Seen(f"({self.name}{what}{getattr(other, 'name', other)})", answers[what], self.log)

    def __lt__(self, other: Any) -> Seen:
        return self._compare("<", other)

    def __ge__(self, other: Any) -> Seen:
        return self._compare(">=", other)

    def __eq__(self, other: object) -> Seen:  # type: ignore[override] # like numpy's
        return self._compare("==", other)

    def __contains__(self, other: Any) -> bool:
        self._ask("in")
        return bool(self.value)

    def __hash__(self) -> int:
        self._ask("hash")
        return 7

    def __repr__(self) -> str:
        self._ask("repr")
        return self.name


TEMPLATES = [
    "if {c}: put('then')\nelse: put('else')",
    "while {c}:\n    put('turn')\n    if len(LOG) > 60: break\nelse: put('done')",
    "put('a' if {c} else 'b')",
    "assert {c}, put('message')",
    "put([n for n in (1, 2) if {c}])",
    "put({{n: 1 for n in (1, 2) if {c}}})",
    "put(list(n for n in (1, 2) if {c} if n))",
    "put(any({c} for n in (1, 2)))",
    "put(all([{c} for n in (1, 2)]))",
    "return {c}",
    "x = {c}\nput(kind(x))",
    "f = lambda s: {c}\nput(kind(f(1)))",
    "match 3:\n    case n if {c}: put('case')\n    case _: put('other')",
    "{c}",
    "{c} and put('and')",
    "{c} or put('or')",
    "put('yes') if {c} else put('no')",
    "try:\n    if {c}: raise KeyError('k')\nexcept KeyError as error: put(str(error))\nfinally: put('finally')",
    "if not ({c}): return 'early'\nput('late')",
    "for n in (1, 2):\n    if {c}: continue\n    put(n)\nelse: put('else')",
    "if (y := {c}): put('walrus')",
    "return {c} and submit_order(1)",
    "return {c} or submit_order({c})",
    "x = {c} and submit_order(1)\nput(kind(x))",
    "x = y = {c} or submit_order({c})\nput(kind(y))",
    "put(any([{c}, {c}]))\nput(all(({c}, {c})))",
    "x = {{v(1): {c}, 'b': {c}, **{{}}}}\nput([kind(y) for y in x.values()])",
    "x = [('a', {c}), {c}, *()]\nput(kind(x[1]))",
    "def g():\n    return {c}, put('rest')\nput(kind(g()[0]))",
    "put(kind({c}))\nput(kind(x={c}))",
    "with suppress(KeyError, ValueError): put(kind({c}))\nput('late')",
    "with suppress(KeyError): put(kind({c}))\nput('late')",
]


def conditions(depth: int = 2) -> st.SearchStrategy[str]:
    """Boolean expressions over calls that each return a `Seen`."""
    leaf = st.integers(0, 9).map(lambda number: f"v({number})")
    pair = st.tuples(leaf, st.sampled_from(["<", ">=", "=="]), leaf).map(" ".join)
    chained = st.tuples(leaf, leaf, leaf).map(lambda parts: f"{parts[0]} < {parts[1]} >= {parts[2]}")
    other = st.tuples(leaf, st.sampled_from(["is", "is not"])).map(lambda parts: f"{parts[0]} {parts[1]} None")
    simple = leaf | pair | chained | other
    return st.recursive(
        simple,
        lambda inner: st.one_of(
            inner.map(lambda text: f"(not {text})"),
            st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda parts: f"({' '.join(parts)})"),
            st.tuples(inner, inner, inner).map(lambda parts: f"({parts[0]} if {parts[1]} else {parts[2]})"),
        ),
        max_leaves=2**depth + 1,
    )


def _play(code: Any, values: list[Any], recording: bool) -> tuple[Any, ...]:
    log: list[str] = []
    put = log.append

    def operand(number: int) -> Seen:
        put(f"v({number})")
        return Seen(f"v{number}", values[number], log)

    namespace: dict[str, Any] = {
        "LOG": log,
        "v": operand,
        "put": lambda what: put(str(what)),
        "kind": lambda x: type(x).__name__,
        "submit_order": lambda what: put(f"order {type(what).__name__}"),
        "suppress": contextlib.suppress,
    }
    exec(code, namespace)  # noqa: S102 - the source is ours
    recorder = record.start(signals=[], identity=["symbol"]) if recording else None
    try:
        result = namespace["f"]()
        ended = type(result).__name__, getattr(result, "name", result)
    except Exception as error:  # noqa: BLE001 - how it ends is what is compared
        ended = type(error).__name__, str(error)
    if recorder is not None:
        recorder.finish("returned")
    return ended, log


@settings(max_examples=300, deadline=None)
@given(
    condition=conditions(),
    template=st.sampled_from(TEMPLATES),
    values=st.lists(st.sampled_from([0, 1, 2, 3]), min_size=10, max_size=10),
    raising=st.integers(0, 40),
    mode=st.sampled_from(["gates", "exits"]),
)
def test_every_operand_is_asked_as_often_and_in_the_same_order(
    condition: str, template: str, values: list[Any], raising: int, mode: str
) -> None:
    """Calls, comparisons, truth tests, result and exception of any condition in any construct are the original's."""
    body = template.format(c=condition).replace("\n", "\n    ")
    source = f"def f():\n    {body}\n"
    if raising < 10:
        values = (
            [*values[:raising], "raise", *values[raising + 1 :]]
            if "<" not in condition and ">" not in condition
            else values
        )

    ended, log = _play(compile(source, FILE, "exec"), values, recording=False)
    probed_ended, probed_log = _play(rewrite.compiled(source, FILE, mode), values, recording=True)

    assert (probed_ended, _once(probed_log)) == (ended, _once(log))
    assert len(probed_log) <= len(log)


def _once(log: list[str]) -> list[str]:
    """Without truth tests repeated on the spot: how often CPython asks depends on its jump threading."""
    return [
        entry
        for number, entry in enumerate(log)
        if not (entry.endswith(".bool") and log[number - 1 : number] == [entry])
    ]
