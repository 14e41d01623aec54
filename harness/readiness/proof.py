"""What the failure points' own tests last said, read from the record that every run of them leaves.

The record is one JSON line per finished test. The newest word of a test stands until a newer one replaces it; a point
is proven by a run in which its four tests passed together and nothing else of it failed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from harness.readiness.identity import HARNESS
from harness.verdict.document import DrillRow, PointRow, Proof, Reason
from harness.vocabulary import Colour

RECORD = HARNESS / "reports" / "proofs.jsonl"
ELSEWHERE = "HARNESS_PROOFS"
"""The environment variable that names another file for the record."""
FOUR = frozenset({"detect", "blocks", "heal", "recover"})
PASSED, FAILED, UNVERIFIED = "passed", "failed", "UNVERIFIED"
_READ_MAX = 8_000_000
"""Bytes of the record's end that are read: some hundred runs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One finished test. `at_s` is its end in unix seconds; `point` is empty where it speaks of no single one."""

    run: str
    point: str
    test: str
    """Its name without `test_`."""
    outcome: str
    """`passed`, `failed`, or `UNVERIFIED` for one that could not run here, or was skipped."""
    duration_s: float
    at_s: float
    commit: str
    why: str = ""
    detect_s: float | None = None
    heal_s: float | None = None
    first_order_s: float | None = None
    not_ok: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What is known of the own tests. `why_not` says what a run that was asked for could not show."""

    proofs: Mapping[str, Proof] = field(default_factory=dict)
    """By the point's id; a point without an entry has no record."""
    drills: tuple[DrillRow, ...] = ()
    others_failed: tuple[str, ...] = ()
    """Failed tests of no single point."""
    why_not: tuple[str, ...] = ()


def record_path() -> Path:
    """Where the record lies."""
    return Path(os.environ.get(ELSEWHERE) or RECORD)


def append(path: Path, trial: Trial) -> None:
    """Add one line; it is on disk when this returns. A line that a killed run left unfinished stays alone.

    The file is made 0600, its folder 0700. Raises `OSError`.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        size = os.fstat(handle).st_size
        torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        os.write(handle, (b"\n" if torn else b"") + msgspec.json.encode(trial) + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)


def trials(path: Path) -> tuple[Trial, ...]:
    """Every readable line of the record, oldest first. Raises `OSError`."""
    with path.open("rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - _READ_MAX))
        lines = file.read().splitlines()
    found = []
    for line in lines:
        try:
            found.append(msgspec.json.decode(line, type=Trial))
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue  # a killed run's half line, or one that another version wrote: it proves nothing
    return tuple(found)


def read(path: Path) -> Record:
    """The record in `path`; an empty one where there is none. One that cannot be read may hold failures: it says so."""
    try:
        return record_of(trials(path))
    except FileNotFoundError:
        return Record()
    except OSError as error:
        return Record(why_not=(f"the record of the own tests, {path}, cannot be read: {error.strerror}",))


def record_of(found: Sequence[Trial]) -> Record:
    """What these trials, oldest first, prove and leave open."""
    by_point: dict[str, list[Trial]] = {}
    for trial in found:
        by_point.setdefault(trial.point, []).append(trial)
    others = by_point.pop("", [])
    newest = others[-1].commit if others else ""
    now = _newest(trial for trial in others if trial.commit == newest)
    complete = {point: run for point, own in by_point.items() if (run := _complete(own))}
    return Record(
        proofs={point: _proof(own, complete.get(point, [])) for point, own in by_point.items()},
        drills=tuple(_drill(run) for _, run in sorted(complete.items())),
        others_failed=tuple(sorted(trial.test for trial in now if trial.outcome == FAILED)),
    )


def _complete(own: Sequence[Trial]) -> list[Trial]:
    """The trials of the newest run in which the point's four tests passed and nothing of it did otherwise."""
    runs: dict[str, list[Trial]] = {}
    for trial in own:
        runs.setdefault(trial.run, []).append(trial)
    whole = [
        run
        for run in runs.values()
        if {trial.test for trial in run} >= FOUR and all(trial.outcome == PASSED for trial in run)
    ]
    return max(whole, key=lambda run: own.index(run[-1]), default=[])


def _newest(found: Iterable[Trial]) -> list[Trial]:
    """The newest word of each test."""
    return list({trial.test: trial for trial in found}.values())


def _proof(own: Sequence[Trial], complete: Sequence[Trial]) -> Proof:
    # what stands before the last complete run is settled by it, also for tests that have another name now
    now = _newest(own[own.index(complete[0]) :] if complete else own)
    return Proof(
        passed_at_s=complete[-1].at_s if complete else None,
        commit=complete[-1].commit if complete else "",
        unverified="; ".join(dict.fromkeys(trial.why for trial in now if trial.outcome == UNVERIFIED)),
        failed=tuple(sorted(trial.test for trial in now if trial.outcome == FAILED)),
    )


def _drill(run: Sequence[Trial]) -> DrillRow:
    times: dict[str, float | None] = {
        name: next((value for trial in run if (value := getattr(trial, name)) is not None and trial.test in FOUR), None)
        for name in ("detect_s", "heal_s", "first_order_s")
    }
    return DrillRow(
        point=run[0].point,
        **times,
        not_ok=tuple(sorted({one for trial in run for one in trial.not_ok})),
        at_s=run[-1].at_s,
        commit=run[-1].commit,
    )


def unproven(rows: Sequence[PointRow], record: Record) -> tuple[Reason, ...]:
    """The reasons against GREEN that failed tests of the judged points give, and what could not be shown."""
    found = [Reason(colour=Colour.YELLOW, text=why) for why in record.why_not]
    for row in rows:
        if row.proof is None or not row.proof.failed:
            continue
        text = (
            f"{row.id} {row.title}: its own {_names(row.proof.failed)} failed, so its check is not proven;"
            f" `make test TESTS={mirror(row.name)}` says why"
        )
        found.append(Reason(colour=Colour.YELLOW, text=text, point=row.id))
    if record.others_failed:
        text = f"what every failure point promises: {_names(record.others_failed)} failed; `make test TESTS=fp_tests`"
        found.append(Reason(colour=Colour.YELLOW, text=f"{text} says why"))
    return tuple(found)


def mirror(name: str) -> str:
    """The module of the own tests of the point with this name: `fp_tests/data/test_uw_cache_stale.py`."""
    family, _, leaf = name.rpartition("/")
    return f"fp_tests/{family}/test_{leaf}.py"


def _names(tests: Sequence[str]) -> str:
    return ", ".join(f"test_{test}" for test in tests)
