"""Every command: what it prints, with which exit code it ends, and one sentence for whatever cannot be done."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.cli.main import app
from harness.cli.wiring import Wiring
from harness.lab.ports import DirectWire
from tests.canary.attached import attached
from tests.cli.running import ROOT, aside, here
from tests.report import examples

CANNOT = (
    (("explain", "FP-1.33"), ("no failure point 'FP-1.33'", "nearest is FP-1.3")),
    (("explain", "data/uw_cache_stal"), ("nearest is data/uw_cache_stale",)),
    (("explain", "nonsense"), ("no failure point 'nonsense'", "catalogue")),
    (("verfy",), ("No such command 'verfy'", "Did you mean 'verify'")),
    (("verify", "--bott", "x"), ("No such option: --bott", "--bot")),
    (("verify", "--at", "tomorrow"), ("'tomorrow' is no time", "2026-11-26T14:30")),
    (("canary", "AAPL", "--at", "1900-01-01"), ("1900-01-01 is outside the session calendar", "2030-12-30")),
    (("canary", "AAPL", "--at", "0001-01-01T00:00+23:59"), ("is no time", "2026-11-26T14:30")),
    (("canary", "AAPL", "--depth", "deep"), ("'deep' is not one of 'decide', 'cycle', 'process'",)),
    (("canary",), ("give the symbol of one golden signal",)),
    (("simulate", "alpaka"), ("Invalid value for 'party': 'alpaka' is not one of 'alpaca', 'uw'",)),
    (("simulate",), ("Missing argument 'party'. Choose from: alpaca, uw",)),
    (("check", "--bot", "x" * 5000), ("xxx",)),
    (("explain", "FP-1.3", "--bot", "no\n\x1b[31msuch"), (r"no\n\x1b[31msuch does not exist",)),
    (("simulate", "uw", "--port", "70000"), ("'--port'", "65535")),
)


@pytest.mark.parametrize(
    ("arguments", "says"), CANNOT, ids=lambda value: value[0] if isinstance(value, tuple) else None
)
def test_what_cannot_be_done_is_one_sentence_and_exit_3(arguments: tuple[str, ...], says: tuple[str, ...]) -> None:
    """The sentence names what was asked and what there is instead."""
    ran = here(*arguments)

    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith("harness: ")
    assert "the harness itself failed" not in ran.err
    assert ran.err.count("\n") == 1
    assert [word for word in says if word not in ran.err] == [], ran.err


def test_a_symbol_that_nobody_lists_is_named_with_the_nearest(tmp_path: Path) -> None:
    """A misspelt symbol is no canary that did not trade; the bot's own come first."""
    deployment = attached(tmp_path, "trades_rightly")
    ran = here("canary", " msftt ", "--bot", deployment.toml_path)

    assert ran.code == 3
    assert "lists no MSFTT; did you mean MSFT?" in ran.err


def test_a_reports_folder_that_cannot_be_is_said_before_the_work_begins(tmp_path: Path) -> None:
    """A file stands where the folder should be: nobody waits for a verdict in vain."""
    (tmp_path / "reports").write_text("", encoding="ascii")
    ran = here("verify", "--reports", tmp_path / "reports")

    assert (ran.code, ran.out) == (3, "")
    assert f"--reports {tmp_path}/reports" in ran.err


def test_a_verdict_whose_report_cannot_be_written_is_told_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer stands on the terminal, the reason and the way out below it; exit 3, since no gate could read it."""
    (tmp_path / "verdict.json").mkdir()

    @contextmanager
    def no_wires(say: object) -> Iterator[Wiring]:
        yield Wiring(make=DirectWire, guard="none")

    monkeypatch.setattr("harness.cli.wiring.wiring", no_wires)
    monkeypatch.setattr("harness.readiness.verify", lambda deployment, options: examples.green())
    ran = here("verify", "--reports", tmp_path)

    assert (ran.code, ran.out.split()[0]) == (3, "GREEN")
    assert f"the verdict is GREEN, and no report of it could be written to {tmp_path}: Is a directory" in ran.err
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".tmp")] == []


@pytest.mark.parametrize("party", ["alpaca", "uw"])
def test_a_taken_port_is_named(party: str) -> None:
    """Somebody listens there already: exit 3, and the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = here("simulate", party, "--port", port)

    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith(f"harness: Port {port} on 127.0.0.1 is already in use")


def test_an_error_that_nobody_foresaw_never_ends_with_the_code_of_yellow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A traceback would end with exit code 1, which means YELLOW: it is one sentence and exit 3."""
    command = next(one for one in app.registered_commands if one.name == "catalogue")

    def broken() -> None:
        raise RuntimeError("the list\nis torn")

    monkeypatch.setattr(command, "callback", broken)
    ran = here("catalogue")

    assert ran.code == 3
    assert "RuntimeError: the list is torn at test_commands.py:" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("command", [("explain", "FP-1.3"), ("check",)])
def test_a_reader_who_goes_away_is_never_the_code_of_yellow(command: tuple[str, ...]) -> None:
    """`harness ... | true`: nobody read the result, so it could not be told. Exit 3, without a word."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "harness", *command], cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, check=False
        )
    finally:
        os.close(writing)

    assert (done.returncode, done.stderr) == (3, b"")


@pytest.mark.parametrize(
    ("shell", "code", "says"),
    [
        ("catalogue --json >&-", 0, ""),
        ("explain FP-1.3 <&- >&- 2>&-", 0, ""),
        ("catalogue --json >/dev/full", 3, "there is no room: No space left on device"),
    ],
)
def test_closed_and_full_outputs_are_no_fault_of_the_harness(shell: str, code: int, says: str) -> None:
    """What the caller closed stays silent; what is full is said."""
    done = subprocess.run(
        ["sh", "-c", f'"$0" -m harness {shell}', sys.executable], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (done.returncode, says in done.stderr, "itself failed" in done.stderr) == (code, True, False), done.stderr


@pytest.mark.parametrize("columns", ["0", "1"])
def test_a_terminal_that_says_no_width_still_shows_the_result(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Words stay whole."""
    monkeypatch.setenv("COLUMNS", columns)

    assert "critical, equities, data" in here("explain", "FP-1.3").out


def test_explain_shows_a_bot_s_words_as_they_are(tmp_path: Path) -> None:
    """Markup of ours in them is text, and a terminal's escapes are shown."""
    deployment = attached(tmp_path, "trades_rightly")
    text = deployment.toml_path.read_text(encoding="utf-8").replace("control bot", r"[red]a[/] [/] \u001b[31m")
    deployment.toml_path.write_text(text + '\n[gates]\n"[/x]" = "FP-1.3"\n', encoding="utf-8")
    ran = here("explain", "FP-1.3", "--bot", deployment.toml_path)

    assert ran.code == 0, ran.err
    assert r"In [red]a[/] [/] \x1b[31m, these gates are this point: [/x]" in " ".join(ran.out.split())


@pytest.mark.parametrize("command", ["verify", "canary", "check", "drill", "lab", "simulate", "explain", "catalogue"])
def test_a_switch_shows_no_value_in_any_help(command: str) -> None:
    """`--json <bool>` would read as if it wanted one; only typer's own `--help` is not ours to say."""
    ran = here(command, "--help")
    switches = [line for line in ran.out.splitlines() if "<bool>" in line]

    assert (ran.code, [line.split()[1] for line in switches]) == (0, ["--help"])


def test_no_command_at_all_shows_them_all() -> None:
    """Help, and exit 3: nothing was verified."""
    ran = here()

    assert ran.code == 3
    assert all(command in ran.out for command in ("verify", "canary", "check", "lab", "simulate", "explain"))


@pytest.mark.parametrize(
    ("kind", "code", "traded"), [("trades_rightly", 0, True), ("never_orders", 2, False), ("orders_twice", 2, False)]
)
def test_canary_s_exit_code_is_what_the_ledger_says(kind: str, code: int, traded: bool, tmp_path: Path) -> None:
    """0 it traded, 2 it did not; the JSON says the same."""
    deployment = attached(tmp_path, kind)
    ran = here("canary", "aapl", "--depth", "decide", "--json", "--bot", deployment.toml_path)
    result = json.loads(ran.out)

    assert (ran.code, result["traded"], result["symbol"]) == (code, traded, "AAPL")


def test_explain_prints_the_sheet_of_a_built_point() -> None:
    """Its story, what to do, and what it comes of."""
    ran = here("explain", "fp-1.3")

    assert ran.code == 0
    assert all(words in ran.out for words in ("FP-1.3", "What to do:", "Comes of:"))


def test_catalogue_lists_every_point_and_says_which_are_built() -> None:
    """126 rows; the ones that are built have a module."""
    rows = json.loads(here("catalogue", "--json").out)

    assert len(rows) == 126
    assert {row["id"] for row in rows if row["name"]} >= {"FP-1.3", "FP-3.1"}


def test_check_of_a_bot_that_does_not_run_is_red_and_loads_no_poison(tmp_path: Path) -> None:
    """Nobody can be asked, nothing was seen: UNKNOWN is not OK. Exit 2."""
    ran = aside("check", "--json", "--bot", attached(tmp_path, "trades_rightly", loop=True).toml_path)
    told = json.loads(ran.out)

    assert (ran.code, told["colour"]) == (2, "RED")
    assert {row["status"] for row in told["points"]} <= {"UNKNOWN", "ERROR", "NOT APPLICABLE", "OK"}
    assert any(row["status"] == "UNKNOWN" for row in told["points"])
