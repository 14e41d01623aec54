"""Who may know whom: the import contracts, and what import-linter cannot state."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator

import pytest

from tests.tidy.sources import ROOT, Source, python

PROBE = "harness/tracing/probe/"
OURS = {"bot", "chaos", "fixtures", "fp_tests", "harness", "tests"}
# import names of the distributions in the extra `equities`, which is the reference bot's own
BOT_MAY_IMPORT = {
    "alpaca",
    "msgspec",
    "pydantic",
    "pyrate_limiter",
    "requests",
    "stamina",
    "urllib3",
}
ONLY_DOOR = {"toxiproxy", "docker"}


def imported(source: Source) -> Iterator[tuple[int, str]]:
    """Each module that `source` imports by its full name, with the line."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module


def outside(source: Source, allowed: set[str]) -> list[str]:
    """Imports of `source` beyond the standard library and the `allowed` top names."""
    tops = ((line, name.partition(".")[0]) for line, name in imported(source))
    return [f"{source.at(line)} imports {top}" for line, top in tops if top not in allowed | sys.stdlib_module_names]


@pytest.mark.timeout(120)
def test_import_contracts_hold() -> None:
    """The layers and the forbidden imports that pyproject.toml states are kept."""
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    linted = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)

    assert linted.returncode == 0, linted.stdout + linted.stderr


def test_probe_imports_the_standard_library_only() -> None:
    """What goes into a bot's interpreter needs nothing installed there, and nothing of harness."""
    probe = [source for source in python("harness") if source.path.startswith(PROBE)]
    own = {"_signal_probe"} | {source.path.rpartition("/")[2].removesuffix(".py") for source in probe}
    # clients that it redirects are looked at only where the bot has imported them
    clients = {"aiohttp", "httpcore", "httpcore2", "httpx", "httpx2", "requests", "urllib3", "websockets", "websocket"}

    assert probe != []
    assert [line for source in probe for line in outside(source, own | clients)] == []


def test_bot_imports_what_its_own_extra_holds() -> None:
    """The reference bot stands on the standard library and its own extra, with nothing of ours installed."""
    bot = python("bot")

    assert bot != ()
    assert [line for source in bot for line in outside(source, BOT_MAY_IMPORT | {"bot"})] == []


def test_only_chaos_opens_the_door_to_faults() -> None:
    """toxiproxy-python and the docker SDK are imported by chaos alone, tests included."""
    found = [
        f"{source.at(line)} imports {name}"
        for source in python()
        if source.top != "chaos"
        for line, name in imported(source)
        if name.partition(".")[0] in ONLY_DOOR
    ]

    assert found == []


def test_catalogue_command_loads_neither_chaos_nor_fixtures() -> None:
    """A command that only looks things up never loads the faults or the simulated world."""
    program = (
        "import runpy, sys\n"
        "sys.argv = ['harness', 'catalogue']\n"
        "try:\n    runpy.run_module('harness', run_name='__main__')\n"
        "except SystemExit as left:\n    code = left.code or 0\n"
        "else:\n    code = 0\n"
        "loaded = sorted(name for name in sys.modules if name.partition('.')[0] in ('chaos', 'fixtures'))\n"
        "print(loaded, file=sys.stderr)\n"
        "sys.exit(code or bool(loaded))\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stderr.splitlines()[-1:]) == (0, ["[]"])


SHARED_WORDS = {
    "account_blocked": "a flag of Alpaca's account, and the gate that reads it",
    "kill_switch": "a role of the vocabulary, and the gate that it stands for",
}


def bot_words() -> set[str]:
    """Names that only the reference bot's `bot.toml` may give: its files, modules, variables, hosts and gate labels."""
    bot = tomllib.loads((ROOT / "bot" / "bot.toml").read_text(encoding="utf-8"))
    values = [table.get(key) for table in bot["services"].values() for key in ("heartbeat", "log")]
    values += [table.get(key) for table in bot["files"].values() for key in ("path", "default")]
    values += [table["url"].partition("://")[2] for table in bot["upstreams"].values()]
    values += bot["environment"]["secrets"]
    values += [name for key in ("intervals", "rates") for name in bot["pace"].get(key, {})]
    values += [name for names in bot["stages"].values() for name in names]
    values += bot["gates"]
    words = {value.removesuffix(".*") for value in values if value}
    # a file is known by its name, wherever it lies
    return (words | {word.rpartition("/")[2] for word in words if "/" in word}) - SHARED_WORDS.keys()


def test_harness_knows_no_name_of_the_reference_bot() -> None:
    """The harness reads the reference bot's names from bot.toml, and states none of them itself."""
    words = bot_words()
    found = [
        f"{source.at(node.lineno)} holds {node.value!r}"
        for source in python("harness")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in words
    ]

    assert len(words) > 20
    assert found == []


def test_harness_imports_no_bot_by_name() -> None:
    """No path or module of the reference bot stands inside a longer text of the harness either."""
    words = {word for word in bot_words() if "/" in word or word.startswith("bot.")}
    found = [
        f"{source.path} holds {word}" for source in python("harness") for word in sorted(words) if word in source.text
    ]

    assert found == []
