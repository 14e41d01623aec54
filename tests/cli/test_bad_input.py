"""Bad input: whatever is wrong with a bot, the answer names it, comes in time, and leaves nothing behind."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.deployment import load
from harness.lab.ports import DirectWire
from harness.readiness import Options, verify
from harness.vocabulary import Colour
from tests.canary.attached import CONTROL_BOTS, attached
from tests.cli.running import aside, here
from tests.lab.leftovers import processes_of, scratch_place, temporary_files_in, tree_hash

pytestmark = pytest.mark.timeout(120)

GOOD = (CONTROL_BOTS / "bot.toml").read_text(encoding="utf-8").replace("KIND", "trades_rightly")


@dataclass(frozen=True, slots=True, kw_only=True)
class BadToml:
    """A `bot.toml` that is wrong in one way, and the words that must be said."""

    name: str
    text: str | bytes
    says: tuple[str, ...]


def changed(old: str, new: str) -> str:
    """The good file with one thing changed."""
    assert old in GOOD
    return GOOD.replace(old, new)


BAD = (
    BadToml(name="empty", text="", says=("is empty", "bot/bot.toml")),
    BadToml(name="blank", text=" \n\n", says=("is empty",)),
    BadToml(name="truncated", text=GOOD[: len(GOOD) // 2], says=("not valid TOML", "end of document", "restore it")),
    BadToml(name="cut at a table", text=GOOD[: GOOD.index("[canary]")], says=("`canary` is missing",)),
    BadToml(name="not text", text=b"\xff\xfe\x00schema", says=("not UTF-8",)),
    BadToml(name="no schema", text=changed("schema = 1\n", ""), says=("`schema` is missing", "schema = 1")),
    BadToml(name="future", text=changed("schema = 1\n", "schema = 2\n"), says=("schema 2", "update the harness")),
    BadToml(name="schema is a word", text=changed("schema = 1\n", 'schema = "one"\n'), says=("schema 'one'",)),
    BadToml(name="schema is true", text=changed("schema = 1\n", "schema = true\n"), says=("schema True",)),
    BadToml(name="wrong type", text=changed('name = "control bot"', "name = 7"), says=("`name`", "text in quotes")),
    BadToml(name="wrong list", text=changed('writes = ["diary"]', "writes = 3"), says=("`code.writes`",)),
    BadToml(name="unknown desk", text=changed('"equities"', '"bonds"'), says=("`desks", "equities")),
    BadToml(name="unknown key", text=changed("[code]", "[code]\nwrite = []"), says=("`code.write`", "`writes`")),
    BadToml(name="unknown top key", text=GOOD + "\n[gate]\nx = 'FP-1.1'\n", says=("`gate`", "`gates`")),
    BadToml(
        name="unknown service",
        text=GOOD + '\n[services.trading_lop]\ncommand = ["x"]\n',
        says=("services.trading_lop", "`trading_loop`"),
    ),
    BadToml(name="unknown file", text=GOOD + '\n[files.flow_cash]\npath = "x"\n', says=("flow_cash", "`flow_cache`")),
    BadToml(name="unknown limit", text=GOOD + "\n[limits]\nopen_postions = 3\n", says=("`open_positions`",)),
    BadToml(name="limit is no number", text=GOOD + '\n[limits]\nopen_positions = "x"\n', says=("open_positions",)),
    BadToml(name="limit is nan", text=GOOD + "\n[limits]\nopen_positions = nan\n", says=("open_positions", "finite")),
    BadToml(name="pace under one", text=changed("factor = 1200", "factor = 0.5"), says=("`pace.factor`",)),
    BadToml(name="no symbols", text=changed('["AAPL", "MSFT", "NVDA"]', "[]"), says=("symbols is empty",)),
    BadToml(name="no module", text=changed('"trader:trades_rightly"', '"trader"'), says=("`canary.decide.target`",)),
    BadToml(name="no way in", text=GOOD[: GOOD.index("[canary.decide]")], says=("[canary.decide] or [canary.cycle]",)),
    BadToml(name="url with a path", text=changed(".markets", ".markets/v2"), says=("`upstreams.venue.url`",)),
    BadToml(name="unknown protocol", text=changed('"alpaca"', '"alpaka"'), says=("protocol", "alpaca")),
    BadToml(name="leaves the folder", text=changed('["diary"]', '["../diary"]'), says=("code.writes", "../diary")),
    BadToml(name="no such root", text=changed("[code]", '[code]\nroot = "nowhere"'), says=("root = 'nowhere'",)),
    BadToml(name="no such python", text=changed("[code]", '[code]\npython = "x/python"'), says=("x/python",)),
    BadToml(
        name="unknown placeholder",
        text=GOOD + '\n[services.trading_loop]\ncommand = ["{pyton}", "loop.py"]\n',
        says=("{pyton}", "{python}"),
    ),
    BadToml(name="nested too deeply", text="a = " + "[" * 5000 + "]" * 5000, says=("not valid TOML", "too deeply")),
    BadToml(name="endless number", text="a = " + "9" * 5000, says=("not valid TOML", "digits")),
    BadToml(name="endless file", text="#" * 1_000_001, says=("plain file of at most 1000000 bytes",)),
    BadToml(name="limit in quotes", text=GOOD + '\n[limits]\nopen_positions = "3"\n', says=("must be a number",)),
    BadToml(name="limit is true", text=GOOD + "\n[limits]\nopen_positions = true\n", says=("must be a number",)),
    BadToml(name="null byte", text=changed("[code]", '[code]\nroot = "a\\u0000"'), says=("`code.root`", "null byte")),
    BadToml(name="endless path", text=changed("[code]", f'[code]\nroot = "{"a" * 5000}"'), says=("`code.root`",)),
    BadToml(name="port of no origin", text=changed(".markets", ".markets:99999"), says=(".url`", "no origin")),
    BadToml(name="blank symbol", text=changed('"AAPL"', '""'), says=("`canary.symbols.0`", "empty")),
    BadToml(name="no variable", text=changed("set = {}", 'set = { "A=B" = "x" }'), says=("A=B", "variable")),
    BadToml(name="unknown point", text=GOOD + '\n[gates]\nx = "FP-99.2"\n', says=("gates.x", "nearest is FP-")),
    BadToml(name="file as folder", text=changed('["diary"]', '["bot.toml"]'), says=("code.writes", "is a file")),
    BadToml(
        name="a live heartbeat",
        text=GOOD + '\n[services.trading_loop]\ncommand = ["x"]\nheartbeat = "/run/bot.json"\n',
        says=("services.trading_loop.heartbeat", "leaves the bot's folder"),
    ),
    BadToml(name="no command", text=GOOD + "\n[services.trading_loop]\ncommand = []\n", says=("command`", "empty")),
    BadToml(name="endless deadline", text=changed("deadline_s = 2.0", "deadline_s = 1e12"), says=("600",)),
    BadToml(name="open brace", text=changed("set = {}", 'set = { A = "{root" }'), says=("environment.set.A",)),
)


@pytest.fixture
def place() -> Iterator[Path]:
    with scratch_place() as folder, temporary_files_in(folder):
        yield folder


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name.replace(" ", "-"))
def test_a_bad_bot_toml_is_one_sentence_and_exit_3(bad: BadToml, tmp_path: Path, place: Path) -> None:
    """It names the file, the key and the way out; nothing is made."""
    path = tmp_path / "bot.toml"
    path.write_bytes(bad.text if isinstance(bad.text, bytes) else bad.text.encode())
    before = tree_hash(tmp_path)
    ran = here("verify", "--bot", path)

    assert (ran.code, ran.out) == (3, "")
    assert ran.err.count("\n") == 1
    assert [word for word in (str(path), *bad.says) if word not in ran.err] == [], ran.err
    assert tree_hash(tmp_path) == before
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("command", [("verify",), ("canary", "AAPL"), ("check",), ("lab",)])
def test_every_command_says_the_same_of_a_bot_that_is_not_there(command: tuple[str, ...], tmp_path: Path) -> None:
    """Exit 3, the path, and no traceback."""
    ran = here(*command, "--bot", tmp_path / "nowhere.toml")

    assert ran.code == 3
    assert f"{tmp_path}/nowhere.toml does not exist" in ran.err


def test_a_folder_without_a_bot_toml_says_which_file_it_wants(tmp_path: Path) -> None:
    """A folder stands for the bot.toml in it."""
    ran = here("verify", "--bot", tmp_path)

    assert ran.code == 3
    assert f"{tmp_path}/bot.toml does not exist" in ran.err


@dataclass(frozen=True, slots=True, kw_only=True)
class BadCode:
    """A bot whose code is wrong in one way: what is put over `trader.py`, and what must be said."""

    name: str
    text: str
    says: tuple[str, ...]


CODE = (CONTROL_BOTS / "trader.py").read_text(encoding="utf-8")
DECIDE = "def trades_rightly(signals):\n"
BAD_CODE = (
    BadCode(name="syntax error", text=CODE + "\ndef broken(:\n", says=("SyntaxError", "bot/trader.py:")),
    BadCode(name="missing package", text="import no_such_package\n" + CODE, says=("no_such_package", "trader.py:1")),
    BadCode(name="undefined name at import", text="X = undefind\n" + CODE, says=("undefind", "trader.py:1")),
    BadCode(name="exits at import", text="import sys\nsys.exit('no key')\n" + CODE, says=("no key", "trader.py:2")),
    BadCode(name="dies at import", text="import os\nos._exit(4)\n" + CODE, says=("os._exit(4)", "trader.py:2")),
    BadCode(name="empty", text="", says=("trader:trades_rightly", "not defined")),
    BadCode(
        name="undefined name in the call",
        text=CODE.replace(DECIDE, DECIDE + "    limit = undefind\n"),
        says=("undefind", "trader.py:"),
    ),
    BadCode(
        name="exits in the call",
        text=CODE.replace(DECIDE, DECIDE + "    sys.exit(5)\n"),
        says=("SystemExit: 5", "trader.py:"),
    ),
    BadCode(
        name="never returns",
        text=CODE.replace(DECIDE, DECIDE + "    threading.Event().wait()\n"),
        says=("still running", "trader.py:"),
    ),
    BadCode(name="wrong arguments", text=CODE.replace(DECIDE, "def trades_rightly():\n"), says=("TypeError",)),
)


@pytest.mark.parametrize("bad", BAD_CODE, ids=lambda bad: bad.name.replace(" ", "-"))
def test_bad_code_is_red_names_its_line_and_leaves_nothing(bad: BadCode, tmp_path: Path, place: Path) -> None:
    """The verdict comes within the bot's own deadline; no process, no folder and no change is left."""
    deployment = attached(tmp_path, "trades_rightly", decide_only=True)
    (deployment.root / "trader.py").write_text(bad.text, encoding="utf-8")
    before, began_s = tree_hash(tmp_path), time.monotonic()
    document = verify(deployment, Options(wire=DirectWire))
    took_s = time.monotonic() - began_s
    reasons = " ".join(reason.text for reason in document.reasons)

    assert document.verdict is Colour.RED
    assert [word for word in bad.says if word not in reasons] == [], reasons
    assert took_s < 2 * deployment.toml.canary.deadline_s + 10.0
    assert tree_hash(tmp_path) == before
    assert (processes_of(place), list(place.iterdir())) == ([], [])


def test_an_interpreter_that_ends_says_its_last_words(tmp_path: Path) -> None:
    """What it wrote goes with the bench, so the reason itself tells it."""
    deployment = attached(tmp_path, "trades_rightly")
    python = deployment.root / "python"
    python.write_text("#!/bin/sh\necho first\necho 'no module named encodings' >&2\nexit 78\n", encoding="ascii")
    python.chmod(0o700)
    text = deployment.toml_path.read_text(encoding="utf-8").replace("[code]", '[code]\npython = "python"')
    deployment.toml_path.write_text(text, encoding="utf-8")
    document = verify(load(deployment.toml_path), Options(wire=DirectWire))
    last = "ended with status 78, and the last it said was: no module named encodings"

    assert document.verdict is Colour.RED
    assert any(last in reason.text for reason in document.reasons), document.reasons


def test_an_import_that_never_ends_is_red_at_its_line(
    tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The import has a deadline of its own, and the stack says where it hangs."""
    monkeypatch.setattr("harness.lab.bench.HOST_DEADLINE_S", 2.0)
    deployment = attached(tmp_path, "trades_rightly")
    (deployment.root / "trader.py").write_text("import threading\nthreading.Event().wait()\n", encoding="utf-8")
    document = verify(deployment, Options(wire=DirectWire))

    assert document.verdict is Colour.RED
    assert any("did not end within 2 s" in reason.text for reason in document.reasons), document.reasons
    assert any("trader.py:2" in reason.text for reason in document.reasons)
    assert (processes_of(place), list(place.iterdir())) == ([], [])


def test_the_whole_command_ends_red_and_leaves_nothing(tmp_path: Path, place: Path) -> None:
    """`python -m harness verify` on a bot that never orders: exit 2, a report, and the machine as it was."""
    deployment = attached(tmp_path, "never_orders", loop=True)
    before = tree_hash(deployment.root)
    ran = aside("verify", "--bot", deployment.toml_path, "--reports", tmp_path / "reports", env={"TMPDIR": str(place)})

    assert ran.code == 2, ran.said
    assert "Traceback" not in ran.said
    assert "did not trade" in ran.out
    assert (tmp_path / "reports" / "verdict.json").exists()
    assert tree_hash(deployment.root) == before
    assert (processes_of(place), list(place.iterdir())) == ([], [])
