"""ruff and mypy have nothing to say."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.tidy.sources import ROOT

# fixed here and not read from the tree: a folder that went missing must not go unchecked
TYPED = ("bot", "chaos", "conftest.py", "docs", "fixtures", "fp_tests", "harness", "requirements", "tests")


def said(*module_and_arguments: str) -> str:
    """What a tool prints when it is not content; empty when it is."""
    ran = subprocess.run(
        [sys.executable, "-m", *module_and_arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return "" if ran.returncode == 0 else (ran.stdout + ran.stderr).strip() or f"exit code {ran.returncode}"


# mypy takes longest of all tests: it goes to a worker before the others
@pytest.mark.early
@pytest.mark.timeout(240)
def test_types_hold() -> None:
    """mypy --strict finds nothing in any file of ours."""
    assert said("mypy", *TYPED) == ""


def test_ruff_finds_nothing() -> None:
    """ruff check finds nothing."""
    assert said("ruff", "check", "--quiet", ".") == ""


def test_format_is_settled() -> None:
    """ruff format would change nothing."""
    assert said("ruff", "format", "--check", "--quiet", ".") == ""
