"""What holds for every test: what it needs is probed, its environment is clean, its temporary files lie in memory where
there is room for them, and its id is harmless in the report.

No fixture lives here; a room's fixtures stand in that room's own conftest.
"""

from __future__ import annotations

import functools
import gc
import html
import os
import tempfile
from pathlib import Path
from typing import Protocol

import pytest

# Set on many machines, and each of them disturbs a client that talks to a venue on loopback: a proxy in between,
# or a CA bundle that beats the one a TLS test made.
DISTURBING = (
    "ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "http_proxy", "https_proxy",
    "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_DIR", "SSL_CERT_FILE",
    "PYTHONDONTWRITEBYTECODE",
)  # fmt: skip
LOOPBACK = "127.0.0.1,localhost,::1"
UNVERIFIED = "UNVERIFIED: "
MEMORY = Path("/dev/shm")  # noqa: S108 - every folder in it is made by tempfile
ROOM_BYTES = 1 << 30


class Capability(Protocol):
    """What a probe of `chaos.capabilities` answers."""

    @property
    def present(self) -> bool: ...
    @property
    def why(self) -> str: ...


def pytest_configure() -> None:
    clean_environment()
    if "TMPDIR" not in os.environ and has_room(MEMORY):
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # asked for again when next needed


def pytest_collection_finish() -> None:
    """What was collected never becomes garbage, so no collection of garbage need look through it again."""
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("early") is None)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    clean_environment()
    missing = "; ".join(lacking(name) for mark in item.iter_markers("needs") for name in mark.args if lacking(name))
    if missing and os.environ.get("CI") == "true":
        pytest.fail(UNVERIFIED + missing, pytrace=False)
    if missing:
        pytest.skip(UNVERIFIED + missing)


def clean_environment() -> None:
    """Take what disturbs loopback out of this process, and so out of every child of a test."""
    for name in DISTURBING:
        os.environ.pop(name, None)
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = LOOPBACK


def has_room(folder: Path) -> bool:
    """Whether a lab fits into `folder` and may run programs there. A bot replaces its files dozens of times a second in
    a lab, and ext4 writes a file that replaces another to the disk at once: 1.4 ms each, and 0.03 ms in memory."""
    if not os.access(folder, os.W_OK | os.X_OK):
        return False
    stat = os.statvfs(folder)
    return not stat.f_flag & os.ST_NOEXEC and stat.f_bavail * stat.f_frsize >= ROOM_BYTES


@functools.cache
def lacking(name: str) -> str:
    """Why the machine lacks the capability `name`; empty where it has it. An unknown name is an error of the test."""
    from chaos.capabilities import probe

    found: Capability = probe(name)
    return "" if found.present else f"needs {name}: {found.why}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List what could not be proven here, each once with the ids of its tests: a pass does not speak for these."""
    unproven: dict[str, list[str]] = {}
    for outcome in ("skipped", "error"):
        for report in terminalreporter.stats.get(outcome, []):
            text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
            _, found, why = text.partition(UNVERIFIED)
            if found:
                unproven.setdefault(why.strip(), []).append(report.nodeid)
    if unproven:
        terminalreporter.write_sep("=", f"UNVERIFIED here: {sum(map(len, unproven.values()))} tests", yellow=True)
    for why, tests in unproven.items():
        terminalreporter.write_line(why)
        for test in tests:
            terminalreporter.write_line(f"  {test}")


@pytest.hookimpl(optionalhook=True)
def pytest_html_results_table_row(report: pytest.TestReport, cells: list[str]) -> None:
    """Escape ids: pytest-html writes them into the page as they are, and a parametrised id can carry script."""
    cells[:] = [cell.replace(report.nodeid, html.escape(report.nodeid)) for cell in cells]
