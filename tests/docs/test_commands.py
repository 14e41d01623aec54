"""The commands that are written down exist, and say what they need."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from docs import generate

ROOT = generate.DOCS.parent
TARGETS = ("verify", "test", "soak", "drill", "lift", "bench", "lint", "types", "docs", "lock", "clean", "help")


def make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    return subprocess.run(
        ["make", *arguments], cwd=ROOT, env=environ | environment, capture_output=True, text=True, check=False
    )


def test_help_lists_every_command() -> None:
    """`make help` lists each command with what it is for, and is what `make` alone prints."""
    listed = make("help")

    assert re.findall(r"^  make (\w+) +\S", listed.stdout, re.MULTILINE) == list(TARGETS)
    assert make().stdout == listed.stdout


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md", "docs/README.md"])
def test_pages_name_commands_that_exist(page: str) -> None:
    """No page tells its reader to run a make target that does not exist."""
    text = (ROOT / page).read_text(encoding="utf-8")

    assert set(re.findall(r"\bmake ([a-z]+)\b(?=[` \n])", "\n".join(re.findall(r"`[^`]+`", text)))) <= set(TARGETS)


def test_drill_asks_for_its_point() -> None:
    """`make drill` without a failure point says how to name one."""
    asked = make("--always-make", "--dry-run", "drill")

    assert "make drill FP=FP-1.3" in asked.stdout


def test_missing_python_is_one_clear_sentence(tmp_path: Path) -> None:
    """Where no Python is new enough, one sentence says what to install and how to name another."""
    for tool in ("make", "sh", "test"):
        (tmp_path / tool).symlink_to(f"/usr/bin/{tool}" if Path(f"/usr/bin/{tool}").exists() else f"/bin/{tool}")
    (tmp_path / "Makefile").write_bytes((ROOT / "Makefile").read_bytes())
    (tmp_path / "requirements").mkdir()
    for name in ("verify.txt", "uv.txt", "install.py"):
        (tmp_path / "requirements" / name).touch()
    asked = make("-C", str(tmp_path), "verify", PATH=str(tmp_path))

    assert asked.returncode == 2
    assert asked.stderr.splitlines()[0] == (
        "no Python >= 3.11 found: install one (Debian, Ubuntu: apt-get install python3 python3-venv), "
        "or name it: make verify PYTHON=/path/to/python3"
    )


def test_python_without_venv_is_one_clear_sentence(tmp_path: Path) -> None:
    """Where Python cannot make an environment, one sentence says which package is missing."""
    lame = tmp_path / "python3"
    lame.write_text('#!/bin/sh\necho "No module named venv" >&2\nexit 1\n', encoding="utf-8")
    lame.chmod(0o700)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "verify.txt").touch()
    (tmp_path / "requirements" / "install.py").write_bytes((ROOT / "requirements" / "install.py").read_bytes())
    program = f"import runpy, sys; sys.executable = {str(lame)!r}; sys.argv = ['install.py', 'verify']; "
    program += f"runpy.run_path({str(tmp_path / 'requirements' / 'install.py')!r}, run_name='__main__')"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1] == (
        f"cannot set up .venv: {lame} has no working venv module (No module named venv); "
        "install it (Debian, Ubuntu: apt-get install python3-venv), "
        "or name another Python: make PYTHON=/path/to/python3"
    )
