"""Many drills one after the other, on one bench as long as each leaves it as new."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from harness.drill.drill import Drill, drill
from harness.drill.steps import not_ok
from harness.drill.stock import BenchInStock
from harness.failure_point import FailurePoint, judge
from harness.lab.bench import Bench
from harness.lab.ports import Faults


def drills(
    points: Sequence[FailurePoint],
    stock: BenchInStock,
    faults: Faults,
    unable: tuple[type[Exception], ...],
    say: Callable[[str], None] = lambda _: None,
) -> Iterator[Drill]:
    """Drill each of `points` on a healthy bench; `unable` as in `drill`."""
    for point in points:
        say(f"{point.sheet.id} {point.sheet.title}")
        yield _one(point, stock.as_new(), faults, unable, say)


def _one(
    point: FailurePoint, bench: Bench, faults: Faults, unable: tuple[type[Exception], ...], say: Callable[[str], None]
) -> Drill:
    undone = Drill(point=point.sheet.id, title=point.sheet.title)
    if not judge(point, bench.observe()).applies:
        undone.undone = "not applicable: this bot lacks the role that it speaks of"
        return undone
    sick = not_ok(bench)
    if sick:
        undone.undone = f"the bench is not healthy before the fault: {', '.join(sorted(sick))}"
        return undone
    return drill(point, bench, faults, unable=unable, say=say)
