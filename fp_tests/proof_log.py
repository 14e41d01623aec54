"""A pytest plugin that records what each test of this folder said, for `verify` and its report.

One line per finished test is added to the record (`harness.readiness.proof`). Under xdist the controller writes alone.
"""

from __future__ import annotations

import functools
import secrets
import time
from pathlib import Path

import pytest

from harness.catalogue import built
from harness.readiness.identity import HARNESS, commit_of
from harness.readiness.proof import FAILED, PASSED, UNVERIFIED, Trial, append, record_path

HERE = Path(__file__).parent
MARK = "UNVERIFIED: "
WHY_MAX = 300


def pytest_configure(config: pytest.Config) -> None:
    """Keep a record, except in a worker: what it reports arrives at its controller."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(ProofLog(config.rootpath, record_path()), "proof-log")


class ProofLog:
    """Collects the reports of each test of this folder and adds one line when it is finished."""

    def __init__(self, root: Path, path: Path) -> None:
        self._root = root
        self._path = path
        self._run = secrets.token_hex(6)
        self._reports: dict[str, list[pytest.TestReport]] = {}
        self._trouble = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if not (self._root / report.nodeid.partition("::")[0]).is_relative_to(HERE):
            return
        reports = self._reports.setdefault(report.nodeid, [])
        reports.append(report)
        if report.when in ("setup", "call"):
            return
        del self._reports[report.nodeid]  # torn down, or lost with its worker
        try:
            append(self._path, trial(reports, self._run, _commit()))
        except OSError as error:
            self._trouble = f"no record of these tests could be kept in {self._path}: {error.strerror}"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._trouble:
            terminalreporter.write_line(self._trouble, yellow=True)


@functools.cache
def _commit() -> str:
    return commit_of(HARNESS)


def trial(reports: list[pytest.TestReport], run: str, commit: str) -> Trial:
    """The reports of one test, from its set-up to its end, as one line of the record."""
    point, test = _whose(reports[-1].nodeid)
    bad = next((report for report in reports if report.outcome != "passed"), None)
    why = _why(bad) if bad else ""
    # with CI=true the set-up fails where it would otherwise skip
    here = bad is None or not (bad.outcome == "skipped" or (bad.when == "setup" and why.startswith(MARK)))
    outcome = PASSED if bad is None else FAILED if here else UNVERIFIED
    measured = {name: value for report in reports for name, value in report.user_properties}
    return Trial(
        run=run,
        point=point,
        test=test,
        outcome=outcome,
        duration_s=sum(report.duration for report in reports),
        at_s=time.time(),
        commit=commit,
        why=why.removeprefix(MARK),
        detect_s=_seconds(measured.get("detect_s")),
        heal_s=_seconds(measured.get("heal_s")),
        first_order_s=_seconds(measured.get("first_order_s")),
        not_ok=_names(measured.get("not_ok")),
    )


def _seconds(measured: object) -> float | None:
    return measured if isinstance(measured, float) else None


def _names(measured: object) -> tuple[str, ...]:
    return tuple(map(str, measured)) if isinstance(measured, list | tuple) else ()


def _whose(nodeid: str) -> tuple[str, str]:
    """The id of the point and the test's name. What holds for all points belongs to the one it was asked about."""
    module, _, test = nodeid.partition("::")
    test = test.removeprefix("test_")
    path = Path(module)
    ids = {one.name: one.sheet.id for one in built().values()}
    own = ids.get(f"{path.parent.name}/{path.stem.removeprefix('test_')}", "")
    name, _, parameter = test.removesuffix("]").partition("[")
    if not own and parameter in built():
        return parameter, name
    return own, test


def _why(report: pytest.TestReport) -> str:
    """One line of why it was skipped, or how it failed."""
    if isinstance(report.longrepr, tuple):
        text = report.longrepr[2].removeprefix("Skipped: ")
    else:
        crash = getattr(report.longrepr, "reprcrash", None)
        text = str(crash.message if crash else report.longrepr)
    return " ".join(text.split())[:WHY_MAX]
