"""What every failure point promises, whichever it is."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path

import psutil
import pytest

from chaos.experiments import inject
from harness.catalogue import built, entries
from harness.drill.footprint import footprint
from harness.drill.steps import golden, healer, not_ok
from harness.failure_point import NO_REMEDY, FailurePoint, judge
from harness.healing import Outcome
from harness.lab.bench import Bench
from harness.observe.snapshot import Snapshot
from harness.readiness.judging import await_status, judge_all
from harness.remedy import BotDoes, Escalate, Expire, Intended, Remedy, restart
from harness.verdict import colour_of, reasons
from harness.verdict.rows import first_blocker, point_rows
from harness.vocabulary import Blocks, Cause, Colour, LedgerOrder, Severity, Status
from harness.vocabulary.roles import Service

NEEDS = {"FP-4.1": pytest.mark.needs("toxiproxy")}
POINTS = [pytest.param(one, id=one.sheet.id) for one in built().values()]
WITH_FAULT = [pytest.param(one, id=one.sheet.id, marks=NEEDS.get(one.sheet.id, ())) for one in built().values()]
HEALED_BY = {"remedy": Remedy, "bot": BotDoes, "expire": Expire, "escalate": Escalate, "intended": Intended}


def test_quiet_in_steady_state(healthy_bench: Bench) -> None:
    """On a healthy bench no point says anything but OK, look after look."""
    looks = [not_ok(healthy_bench) for _ in range(5)]

    assert looks == [set()] * 5


def test_detect_only_looks(healthy_bench: Bench) -> None:
    """Five looks change no file, no variable of our environment, no process of the bot and no order."""
    before = _outside(healthy_bench)
    for _ in range(5):
        judge_all(healthy_bench)

    assert _outside(healthy_bench) == before


def _outside(bench: Bench) -> tuple[Mapping[str, str], str, Mapping[str, str], frozenset[int], tuple[LedgerOrder, ...]]:
    """Files by digest, our environment, each service's environment, its processes, the venue's book."""
    marks = footprint(bench)
    services = {role: bench.pid(role) for role in bench.deployment.toml.services}
    theirs = {
        str(role): hashlib.sha256(Path(f"/proc/{pid}/environ").read_bytes()).hexdigest()
        for role, pid in services.items()
    }
    ours = hashlib.sha256(repr(sorted(psutil.Process().environ().items())).encode()).hexdigest()
    family = {child.pid for pid in services.values() for child in psutil.Process(pid).children(recursive=True)}
    return marks.files, ours, theirs, frozenset({*services.values(), *family}), marks.orders


@pytest.mark.parametrize("point", POINTS)
def test_judge_is_pure(point: FailurePoint, healthy_bench: Bench) -> None:
    """The same snapshot gives the same finding, and is the same afterwards."""
    snapshot = healthy_bench.observe()
    before = repr(snapshot)
    findings = [judge(point, snapshot).finding for _ in range(3)]

    assert findings == [findings[0]] * 3
    assert repr(snapshot) == before


@pytest.mark.parametrize("point", POINTS)
def test_judge_without_facts_is_never_ok(point: FailurePoint) -> None:
    """A snapshot in which nobody looked at anything leaves no point OK."""
    judged = judge(point, Snapshot(now_s=0.0))

    assert judged.status is Status.UNKNOWN


@pytest.mark.parametrize("point", POINTS)
def test_evidence_names_limits_beside_measurements(point: FailurePoint, healthy_bench: Bench) -> None:
    """A field that ends in `_max` or `_min` is a limit, and the measurement it limits stands in the same evidence."""
    kinds = {field.name: str(field.type) for field in fields(judge(point, healthy_bench.observe()).finding.evidence)}
    limits = {name for name in kinds if name.endswith(("_max", "_min"))}
    measured = {name: kind for name, kind in kinds.items() if name not in limits}
    # by its own name (`age_s` beside `age_s_max`), or as a count of the same kind (`recorded` beside `positions_max`)
    alone = [
        name
        for name in limits
        if name.rpartition("_")[0] not in measured and not any(kinds[name] in kind for kind in measured.values())
    ]

    assert measured
    assert alone == []


def test_guards_are_never_healed() -> None:
    """No point of class config, schema or risk has a remedy."""
    guards = [one for one in built().values() if one.sheet.cause in NO_REMEDY]

    assert {type(one.heal) for one in guards} & {Remedy} == set()
    assert {Cause.CONFIG, Cause.RISK} <= {one.sheet.cause for one in guards}


@pytest.mark.parametrize("cause", NO_REMEDY)
def test_a_remedy_for_a_guard_is_refused(cause: Cause) -> None:
    """Whoever writes a remedy for a guard is told so when the module is imported."""
    guarded = built()["FP-3.1"]
    sheet = replace(guarded.sheet, cause=cause)
    with pytest.raises(ValueError, match=r"FP-3\.1: a point of class \w+ knows no remedy"):
        FailurePoint(sheet, detect=guarded.detect, heal=restart(Service.TRADING_LOOP))


@pytest.mark.parametrize("point", WITH_FAULT)
def test_heal_does_nothing_where_nothing_is_wrong(point: FailurePoint, healthy_bench: Bench) -> None:
    """What is not in error is left alone."""
    well = healthy_bench.observe()

    assert healer(healthy_bench).heal(judge(point, well), well).outcome is Outcome.NOTHING


@pytest.mark.parametrize("point", WITH_FAULT)
def test_fault_is_named_and_healing_it_twice_is_healing_it_once(point: FailurePoint, healthy_bench: Bench) -> None:
    """With the fault in the bench the verdict is RED, names this point first, and the venue gets no order; a point
    that blocks nothing leaves it YELLOW unless it is critical, and the canary's order stands in its own book. Healing
    twice leaves what healing once left."""
    desks, account = healthy_bench.deployment.desks, healthy_bench.world.account
    before, controller = healthy_bench.world.ledger(account), healer(healthy_bench)
    with inject(point.name, healthy_bench):
        sick = await_status(healthy_bench, point, Status.ERROR)
        judged = judge_all(healthy_bench)
        canary = golden(healthy_bench, point)
        ledger = healthy_bench.world.ledger(account)
        first = controller.heal(sick, healthy_bench.observe())
        once = footprint(healthy_bench)
        look = healthy_bench.observe()
        second = controller.heal(judge(point, look), look)
        twice = footprint(healthy_bench)
    blocker = first_blocker(point_rows(judged, {}), [canary])
    trades = point.sheet.blocks is Blocks.NONE
    blocking = not trades or point.sheet.severity is Severity.CRITICAL

    assert colour_of(reasons(judged, [canary], desks, None, ())) is (Colour.RED if blocking else Colour.YELLOW)
    assert (blocker.point if blocker else None) == (point.sheet.id if blocking else None)
    assert (canary.traded, len(canary.orders), ledger) == (trades, int(trades), before)
    assert second.outcome is (Outcome.NOTHING if first.outcome is Outcome.HEALED else first.outcome)
    assert twice == once


@pytest.mark.parametrize("point", POINTS)
def test_has_its_mirror_and_its_fault(point: FailurePoint) -> None:
    """The name is the path: of the four tests below fp_tests, and of the fault below chaos/experiments."""
    family, _, leaf = point.name.partition("/")
    mirror = Path(__file__).parent / family / f"test_{leaf}.py"
    source = mirror.read_text(encoding="utf-8")
    missing = [name for name in ("detect", "blocks", "heal", "recover") if f"def test_{name}(" not in source]

    assert missing == []
    assert importlib.util.find_spec(f"chaos.experiments.{family}.{leaf}") is not None


@pytest.mark.parametrize("point", POINTS)
def test_sheet_says_what_the_catalogue_says(point: FailurePoint) -> None:
    """Id, title, desk, severity, cause and blast radius are those of the catalogue's row."""
    row, sheet = entries()[point.sheet.id], point.sheet
    expected = (row.id, row.title, row.desk, row.severity, row.cause, row.blocks)

    assert (sheet.id, sheet.title, sheet.desk, sheet.severity, sheet.cause, sheet.blocks) == expected


@pytest.mark.parametrize("point", POINTS)
def test_heals_in_the_way_that_the_catalogue_says(point: FailurePoint) -> None:
    """The first word of the row's policy is the kind of healing."""
    word = entries()[point.sheet.id].heal.partition(":")[0]

    assert type(point.heal) is HEALED_BY[word]


@pytest.mark.parametrize("point", POINTS)
def test_sheet_is_of_use_to_its_reader(point: FailurePoint) -> None:
    """There is a playbook to follow, a time to recover in, and whatever stands above it is catalogued."""
    assert len(point.sheet.playbook) >= 2
    assert point.sheet.recovers_within_s > 0
    assert set(point.sheet.downstream_of) <= set(entries()) - {point.sheet.id}
