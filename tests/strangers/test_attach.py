"""The README's "Attach your own bot", run as it is written there, on a bot that nobody here wrote."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.strangers.attached import deployed, line_of, tree_hash

pytestmark = pytest.mark.timeout(180)

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
BEGIN, END = "<!-- attach:begin -->", "<!-- attach:end -->"
SCREEN_LINES = 75
TRADED, RED, COULD_NOT_RUN = 0, 2, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What stands between the markers of the README."""

    toml: str
    commands: tuple[str, ...]
    lines: int


def section_of(text: str) -> Section:
    """The one toml block and the commands between the markers."""
    assert (text.count(BEGIN), text.count(END)) == (1, 1), f"README.md needs {BEGIN} and {END} once each"
    between = text.partition(BEGIN)[2].partition(END)[0]
    toml = re.findall(r"^```toml\n(.*?)^```$", between, re.MULTILINE | re.DOTALL)
    shell = re.findall(r"^```sh\n(.*?)^```$", between, re.MULTILINE | re.DOTALL)
    assert (len(toml), len(shell)) == (1, 1), "one toml block and one sh block belong between the markers"
    return Section(toml=toml[0], commands=tuple(shell[0].split("\n")[:-1]), lines=between.count("\n"))


@pytest.fixture(scope="module")
def section() -> Section:
    return section_of(README.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def bot(section: Section, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bot.toml` of the README, beside a copy of the stranger."""
    return deployed(tmp_path_factory.mktemp("attach"), section.toml)


def run(command: str, bot: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """A command of the README with its placeholder filled in, run from the root of this project."""
    words = shlex.split(command.replace("path/to/bot.toml", str(bot)))
    assert words[0] == ".venv/bin/python"
    wide = {**os.environ, "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, *words[1:], *more],
        cwd=ROOT,
        env=wide,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )


def command_with(section: Section, *words: str) -> str:
    """The only command of the README that has all these words."""
    found = [command for command in section.commands if set(words) <= set(shlex.split(command))]
    assert len(found) == 1, f"{words} in {section.commands}"
    return found[0]


def test_the_section_fits_on_a_screen(section: Section) -> None:
    """Whoever attaches a bot reads one screen."""
    assert section.lines <= SCREEN_LINES


def test_every_command_is_about_the_bot_of_the_reader(section: Section) -> None:
    """Each line can be pasted once the one placeholder is filled in."""
    assert section.commands
    assert all(command.startswith(".venv/bin/python -m harness ") for command in section.commands)
    assert all("--bot path/to/bot.toml" in command for command in section.commands)


def test_a_canary_at_depth_decide_trades_and_explains(section: Section, bot: Path) -> None:
    """The first command of the README: exactly one order, and the path with its gates and its lineage."""
    done = run(command_with(section, "canary", "decide"), bot)

    assert done.returncode == TRADED, done.stdout + done.stderr
    assert "3.4" in done.stdout
    assert "conviction too low" in done.stdout


def test_a_canary_through_the_whole_cycle_trades(section: Section, bot: Path) -> None:
    """The second command of the README: from the provider's rows to one order."""
    command = next(command for command in section.commands if "canary" in command and "--depth" not in command)
    done = run(command, bot)

    assert done.returncode == TRADED, done.stdout + done.stderr


def test_verify_judges_the_stranger_and_changes_nothing_of_it(section: Section, bot: Path, tmp_path: Path) -> None:
    """The third command of the README: a verdict whose canary traded, and a deployment with the same bytes."""
    before = tree_hash(bot.parent)
    done = run(command_with(section, "verify"), bot, "--json", "--reports", str(tmp_path))

    assert done.returncode != COULD_NOT_RUN, done.stderr
    verdict = json.loads(done.stdout)
    assert verdict["canaries"], verdict
    assert all(canary["traded"] for canary in verdict["canaries"]), verdict["canaries"]
    assert before == tree_hash(bot.parent)


def test_a_full_book_left_in_the_deployment_is_named_with_its_line(section: Section, tmp_path: Path) -> None:
    """State beside the code counts as it lies there: eight names against a limit of eight, and where that is asked."""
    bot = deployed(tmp_path, section.toml)
    names = {name: {"n": 1, "px": 9.0, "t": 0} for name in ("KO", "F", "GM", "XOM", "JPM", "PFE", "T", "VZ")}
    (bot.parent / "omega_book.json").write_text(json.dumps({"names": names}), encoding="utf-8")
    line = line_of('if len(held) >= cfg["max_names"]:', (bot.parent / "trader.py").read_text(encoding="utf-8"))
    done = run(command_with(section, "verify"), bot, "--json", "--reports", str(tmp_path / "reports"))
    canary = json.loads(done.stdout)["canaries"][0]

    assert (done.returncode, canary["traded"]) == (RED, False)
    assert f"book is full (8 against 8) at omega/trader.py:{line}" in canary["reason"]
