"""Generate one stranger from a seed: its source, its signals, and what drops each of them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from .detours import DETOURS
from .handlers import HANDLERS
from .obstacles import INLINE
from .parts import Drop, Gate, Signal, Source, some_test

HEAD = '''"""A stranger."""


class Denied(Exception):
    pass


class Unusable(Exception):
    def __init__(self, label, sentence):
        super().__init__(sentence)
        self.label = label


def log(*words):
    LOGGED.append(words)


def blocked(label, *words, limit="", way_out=""):
    LOGGED.append((label, *words, limit, way_out))


LOGGED = []
'''


@dataclass(frozen=True, slots=True)
class Stranger:
    """A generated module with `decide(signals, venue)`, and the generator's knowledge of it."""

    seed: int
    source: str
    signals: list[Signal]
    drops: dict[str, Drop]
    """Symbol -> why it ends; a symbol that is absent is sent."""
    marks: dict[str, int]
    kinds: tuple[str, ...]
    whole: frozenset[str]
    """Marks of lines that work on the whole list, with no signal in hand."""

    def lines(self, symbol: str) -> tuple[int, ...]:
        """The lines that are a right answer for a dropped signal."""
        return tuple(self.marks[mark] for mark in self.drops[symbol].marks)


def _signals(rng: random.Random) -> list[Signal]:
    signals: list[Signal] = []
    for number in range(12):
        signal: Signal = {
            "symbol": f"SYM{number}",
            "score": rng.randint(0, 100),
            "volume": rng.randint(0, 100),
            "spread": rng.randint(0, 100),
            "age": rng.randint(0, 100),
            "theme": rng.choice(["north", "south", "east", "west", "up", "down", "left", "right"]),
            "legs": [rng.randint(0, 90) for _ in range(rng.randint(0, 4))],
        }
        for name in ("extra", "bonus"):
            if rng.random() < 0.85:
                signal[name] = rng.randint(0, 100)
        signals.append(signal)
    return signals


class _Stages:
    """What is done with the whole list before the loop; each stage drops some and says where."""

    def __init__(self, rng: random.Random, source: Source) -> None:
        self._rng = rng
        self._source = source
        self.whole: set[str] = set()

    def comprehension(self, pool: list[Signal]) -> tuple[list[Signal], dict[str, Drop]]:
        """`[s for s in pool if good]`."""
        test = some_test(self._rng)
        mark = self._source.mark(1, f"pool = [s for s in pool if {test.good('s')}]")
        self.whole.add(mark)
        gone = {s["symbol"]: Drop((mark,), str(s[test.name])) for s in pool if test.drops(s)}
        return [s for s in pool if s["symbol"] not in gone], gone

    def slice(self, pool: list[Signal]) -> tuple[list[Signal], dict[str, Drop]]:
        """`sorted(pool, key=...)[:n]`."""
        keep = self._rng.randint(max(len(pool) - 3, 1), max(len(pool), 1))
        mark = self._source.mark(1, f'pool = sorted(pool, key=lambda s: (-s["score"], s["symbol"]))[:{keep}]')
        self.whole.add(mark)
        ranked = sorted(pool, key=lambda s: (-s["score"], s["symbol"]))
        return ranked[:keep], {s["symbol"]: Drop((mark,)) for s in ranked[keep:]}

    def filter(self, pool: list[Signal]) -> tuple[list[Signal], dict[str, Drop]]:
        """`list(filter(lambda s: good, pool))`."""
        test = some_test(self._rng)
        mark = self._source.mark(1, f"pool = list(filter(lambda s: {test.good('s')}, pool))")
        self.whole.add(mark)
        gone = {s["symbol"]: Drop((mark,), str(s[test.name])) for s in pool if test.drops(s)}
        return [s for s in pool if s["symbol"] not in gone], gone

    def collected(self, pool: list[Signal]) -> tuple[list[Signal], dict[str, Drop]]:
        """A loop that puts the good ones aside."""
        test, name = some_test(self._rng), self._source.fresh("kept")
        self._source.write(1, f"{name} = []", "for s in pool:")
        if self._rng.random() < 0.5:
            mark = self._source.mark(2, f"if {test.bad('s')}:")
            self._source.write(3, "continue")
            self._source.write(2, f"{name}.append(s)")
        else:
            mark = self._source.mark(2, f"if {test.good('s')}:")
            self._source.write(3, f"{name}.append(s)")
        self._source.write(1, f"pool = {name}")
        gone = {s["symbol"]: Drop((mark,), str(s[test.name])) for s in pool if test.drops(s)}
        return [s for s in pool if s["symbol"] not in gone], gone

    def generator(self, pool: list[Signal]) -> tuple[list[Signal], dict[str, Drop]]:
        """A generator defined inside, that yields the good ones."""
        test, name = some_test(self._rng), self._source.fresh("candidates")
        self._source.write(1, f"def {name}(signals):", "    for s in signals:")
        mark = self._source.mark(3, f"if {test.bad('s')}:")
        self._source.write(4, "continue")
        self._source.write(3, "yield s")
        self._source.write(1, f"pool = list({name}(pool))")
        gone = {s["symbol"]: Drop((mark,), str(s[test.name])) for s in pool if test.drops(s)}
        return [s for s in pool if s["symbol"] not in gone], gone


_HEADS = (
    ("for s in pool:",),
    ("for number, s in enumerate(pool):",),
    ("for number in range(len(pool)):", "    s = pool[number]"),
    ("queue = list(pool)", "while queue:", "    s = queue.pop(0)"),
    ("for s in iter(pool):",),
)
_SINKS = (
    'venue.submit_order(s["symbol"], 1)',
    'order = venue.submit_order(symbol=s["symbol"], qty=2)',
    'send_order(venue, s["symbol"])',
)


def generate(seed: int) -> Stranger:
    """The stranger of a seed; the same on every machine and every Python."""
    rng = random.Random(seed)
    source = Source(lines=HEAD.splitlines())
    signals = _signals(rng)
    single = rng.random() < 0.25
    out = "return" if single else "continue"
    makers = rng.sample(INLINE + DETOURS + HANDLERS, rng.randint(2, 6))
    source.write(0, "", "def send_order(venue, symbol):", "    return venue.submit_order(symbol, 3)", "")
    gates: list[Gate] = [make(rng, source, out) for make in makers]
    sink = rng.choice(_SINKS)
    if single:
        source.write(0, "def one(s, venue):")
        _write(gates, 1, source, sink)
    source.write(0, "", "def decide(signals, venue):", "    pool = signals")
    drops: dict[str, Drop] = {}
    pool = signals
    stages = _Stages(rng, source)
    for name in rng.sample(["comprehension", "slice", "filter", "collected", "generator"], rng.randint(0, 2)):
        pool, gone = getattr(stages, name)(pool)
        drops.update(gone)
    head = ("for s in pool:",) if single else rng.choice(_HEADS)
    if len(head) == 3:
        source.write(1, head[0])
    loop = source.mark(1, head[-2] if len(head) > 1 else head[0])
    if len(head) > 1:
        source.write(1, head[-1])
    if single:
        source.write(2, "one(s, venue)")
    else:
        _write(gates, 2, source, sink)
    drops.update(_decided(pool, gates, loop))
    kinds = tuple(gate.kind for gate in gates)
    return Stranger(
        seed, "\n".join(source.lines) + "\n", signals, drops, source.marks, kinds, frozenset({*stages.whole, loop})
    )


def _write(gates: list[Gate], indent: int, source: Source, sink: str) -> None:
    def behind(number: int) -> Callable[[int], None]:
        def write(at: int) -> None:
            if number == len(gates):
                source.write(at, sink)
            else:
                gates[number].write(at, behind(number + 1))

        return write

    behind(0)(indent)


def _decided(pool: list[Signal], gates: list[Gate], loop: str) -> dict[str, Drop]:
    """Walk the signals through the gates by the generator's own knowledge."""
    drops: dict[str, Drop] = {}
    over = False
    for signal in pool:
        if over:
            drops[signal["symbol"]] = Drop((loop,))
            continue
        for gate in gates:
            drop = gate.decide(signal)
            if drop is not None:
                drops[signal["symbol"]] = drop
                over = gate.ends_loop
                break
    return drops
