"""The first start makes the state; after that a missing file is a fault."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.home import DEFAULTS, Home, prepare

ROOT = Path(__file__).parents[2]


def defaults() -> list[str]:
    return sorted(entry.name for entry in DEFAULTS.iterdir())


def test_the_first_start_makes_the_state_whole(tmp_path: Path) -> None:
    """All defaults are there, with the same bytes, and no draft is left."""
    home = Home(tmp_path)

    assert prepare(home) is True
    assert sorted(entry.name for entry in home.state.iterdir()) == defaults()
    assert all((home.state / name).read_bytes() == (DEFAULTS / name).read_bytes() for name in defaults())
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["data", "logs", "state"]


def test_a_missing_state_file_is_not_made_again(tmp_path: Path) -> None:
    """A second start changes nothing, not even where a file has gone."""
    home = Home(tmp_path)
    prepare(home)
    (home.state / "positions.json").unlink()

    assert prepare(home) is False
    assert not (home.state / "positions.json").exists()


def test_a_state_that_is_gone_as_a_whole_is_not_made_again_silently(tmp_path: Path) -> None:
    """A bot that has decided before had a kill switch and intents: only `init` starts anew."""
    home = Home(tmp_path)
    prepare(home)
    (home.logs / "decisions.jsonl").touch()
    home.state.rename(tmp_path / "elsewhere")
    with pytest.raises(FileNotFoundError, match="start anew with `python -m bot init`"):
        prepare(home)

    assert not home.state.exists()
    assert prepare(home, anew=True) is True


def test_three_processes_may_start_at_once(tmp_path: Path) -> None:
    """Whoever comes first makes the state; all of them start, and nothing is half made."""
    environment = {**os.environ, "BOT_HOME": str(tmp_path)}

    def start(_: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "bot", "init"]
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=30, check=False
        )

    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(start, range(3)))

    assert [one.returncode for one in done] == [0, 0, 0]
    assert sum("made from the defaults" in one.stdout for one in done) == 1
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["data", "logs", "state"]
    assert sorted(entry.name for entry in (tmp_path / "state").iterdir()) == defaults()


def test_importing_the_bot_does_nothing(tmp_path: Path) -> None:
    """No file, no thread and no socket come of importing every module; the daemon does without the venue's SDK."""
    source = (
        "import importlib, pkgutil, sys, threading, bot\n"
        "import bot.equities.daemon, bot.supervisor, bot.__main__\n"
        "light = 'alpaca' not in sys.modules and 'pandas' not in sys.modules\n"
        "opened = []\n"
        "sys.addaudithook(lambda event, args: opened.append(args) if event in ('socket.connect', 'socket.bind') or\n"
        "    (event == 'open' and args[1] and set(str(args[1])) & set('wax+')) else None)\n"
        "names = [m.name for m in pkgutil.walk_packages(bot.__path__, 'bot.')]\n"
        "[importlib.import_module(name) for name in names]\n"
        "print(light, threading.active_count(), opened, len(names) > 30)\n"
    )
    environment = {**os.environ, "BOT_HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", source],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.stdout, done.stderr) == ("True 1 [] True\n", "")
    assert list(tmp_path.iterdir()) == []


def test_the_bot_knows_nothing_of_the_suite() -> None:
    """No module of the bot imports the harness, the fixtures or the faults."""
    sources = {path: path.read_text(encoding="utf-8") for path in (ROOT / "bot").rglob("*.py")}
    foreign = [
        f"{path.name}: {line}"
        for path, text in sources.items()
        for line in text.splitlines()
        if line.lstrip().startswith(("import ", "from "))
        and any(word in line.split()[1].split(".")[0] for word in ("harness", "fixtures", "chaos"))
    ]

    assert foreign == []
    assert len(sources) > 30
