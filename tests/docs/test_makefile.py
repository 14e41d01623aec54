"""What `make verify` and `make test` start, seen from a Python that only writes down how it was called."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from docs import generate

ROOT = generate.DOCS.parent
OF_MAKE = {"MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES", "ARGS", "BOT", "FULL", "RUNS", "TESTS", "WORKERS"}
"""What `make test` leaves in the environment of its tests, the words on its own command line among it."""
# says what it was called with; $FAILS is the module that fails, with the code after the colon
RECORDER = """#!/bin/sh
echo "$* bytecode=${PYTHONDONTWRITEBYTECODE-kept}" >> calls.txt
case "$2" in "${FAILS%:*}") exit "${FAILS#*:}";; esac
"""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with the project's Makefile and an environment that is up to date and records its calls."""
    (tmp_path / "Makefile").write_bytes((ROOT / "Makefile").read_bytes())
    (tmp_path / "requirements").mkdir()
    for name in ("verify.txt", "test.txt", "uv.txt", "install.py"):
        (tmp_path / "requirements" / name).touch()
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    recorder = tmp_path / ".venv" / "bin" / "python"
    recorder.write_text(RECORDER, encoding="utf-8")
    recorder.chmod(0o700)
    for stamp in (".verify", ".test"):
        (tmp_path / ".venv" / stamp).touch()
    return tmp_path


def make(clone: Path, *arguments: str, fails: str = "none:0") -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if name not in OF_MAKE}
    return subprocess.run(
        ["make", *arguments],
        cwd=clone,
        env=environ | {"FAILS": fails, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def calls(clone: Path) -> list[str]:
    """Each call of the environment's Python, without what is the same in all."""
    lines = (clone / "calls.txt").read_text(encoding="utf-8").splitlines()
    return [line.removesuffix(" bytecode=kept") for line in lines]


def test_verify_starts_the_verification(clone: Path) -> None:
    """`make verify` sees to Toxiproxy, then verifies the reference bot, and lets Python keep its bytecode."""
    expected = ["-m chaos.wire.provision", "-m harness verify"]
    made = make(clone, "verify")

    assert (made.returncode, calls(clone)) == (0, expected)


def test_verify_hands_its_words_on(clone: Path) -> None:
    """BOT, FULL and ARGS of `make verify` reach the command; a path may hold a space."""
    make(clone, "verify", "BOT=my bot/bot.toml", "FULL=1", "ARGS=--at 2026-11-26")

    assert calls(clone)[-1] == "-m harness verify --bot my bot/bot.toml --full --at 2026-11-26"


@pytest.mark.parametrize("code", [1, 2, 3])
def test_verify_succeeds_only_on_green(clone: Path, code: int) -> None:
    """`make verify` fails on YELLOW, on RED, and where the verification could not run."""
    assert make(clone, "verify", fails=f"harness:{code}").returncode != 0


def test_no_toxiproxy_stops_nothing(clone: Path) -> None:
    """Where no Toxiproxy can be had, `make verify` says so and goes on."""
    made = make(clone, "verify", fails="chaos.wire.provision:1")

    assert made.returncode == 0
    assert "going on without Toxiproxy" in made.stderr
    assert calls(clone)[-1] == "-m harness verify"


def test_tests_run_sealed(clone: Path) -> None:
    """`make test` starts pytest through the egress guard, with its reports and at most four workers."""
    made = make(clone, "test", "TESTS=tests/docs")
    sealed, _, pytest_words = calls(clone)[-1].partition(" -- ")

    assert made.returncode == 0
    assert sealed == "-m harness.lab.egress"
    assert pytest_words == (
        ".venv/bin/python -m pytest -n logical --maxprocesses 4 --dist worksteal "
        "--html=reports/tests.html --self-contained-html --junitxml=reports/junit.xml tests/docs"
    )


def test_soak_stops_at_the_first_that_is_not_green(clone: Path) -> None:
    """`make soak` verifies as often as it is told, and stops at the first verdict that is not GREEN."""
    whole, broken = make(clone, "soak", "RUNS=3"), make(clone, "soak", "RUNS=3", fails="harness:2")

    assert (whole.returncode, "3 of 3 GREEN" in whole.stdout) == (0, True)
    assert (broken.returncode != 0, "verify 2 of 3" in broken.stdout) == (True, False)


def test_nothing_is_set_up_twice(clone: Path) -> None:
    """With the environment up to date nothing is installed; a newer lock makes make install again."""
    assert "install.py verify" not in make(clone, "--dry-run", "verify").stdout

    (clone / "requirements" / "verify.txt").write_text("# newer\n", encoding="utf-8")
    os.utime(clone / ".venv" / ".verify", (0, 0))

    assert "install.py verify" in make(clone, "--dry-run", "verify").stdout


def test_ci_runs_what_a_person_runs() -> None:
    """CI ends with the README's test command, and the workflow runs CI's script and the README's other command."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8").rstrip().splitlines()
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")

    assert (script[-1], "export CI=true" in script) == ("exec make test", True)
    assert "bash .ci/run" in workflow
    assert "make verify" in workflow
