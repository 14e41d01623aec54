"""Every command: what it prints, with which exit code it ends, and one sentence for whatever cannot be done."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from harness.cli.main import app
from tests.canary.attached import attached
from tests.cli.running import aside, here

CANNOT = (
    (("explain", "FP-1.33"), ("no failure point 'FP-1.33'", "nearest is FP-1.3")),
    (("explain", "data/uw_cache_stal"), ("nearest is data/uw_cache_stale",)),
    (("explain", "nonsense"), ("no failure point 'nonsense'", "catalogue")),
    (("verfy",), ("No such command 'verfy'", "Did you mean 'verify'")),
    (("verify", "--bott", "x"), ("No such option: --bott", "--bot")),
    (("verify", "--at", "tomorrow"), ("'tomorrow' is no time", "2026-11-26T14:30")),
    (("canary", "AAPL", "--at", "1900-01-01"), ("1900-01-01 is outside the session calendar", "2030-12-31")),
    (("canary", "AAPL", "--depth", "deep"), ("'deep' is not one of 'decide', 'cycle', 'process'",)),
    (("canary",), ("give the symbol of one golden signal",)),
    (("simulate", "alpaka"), ("'alpaka' is not one of 'alpaca', 'uw'",)),
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
    assert ran.err.count("\n") == 1
    assert [word for word in says if word not in ran.err] == [], ran.err


def test_a_symbol_that_nobody_lists_is_named_with_the_nearest(tmp_path: Path) -> None:
    """A misspelt symbol is no canary that did not trade."""
    deployment = attached(tmp_path, "trades_rightly")
    ran = here("canary", "MSFTT", "--bot", deployment.toml_path)

    assert ran.code == 3
    assert "lists no MSFTT; did you mean MSFT?" in ran.err


def test_a_reports_folder_that_cannot_be_is_said_before_the_work_begins(tmp_path: Path) -> None:
    """A file stands where the folder should be: nobody waits for a verdict in vain."""
    (tmp_path / "reports").write_text("", encoding="ascii")
    ran = here("verify", "--reports", tmp_path / "reports")

    assert (ran.code, ran.out) == (3, "")
    assert f"--reports {tmp_path}/reports" in ran.err


@pytest.mark.parametrize("party", ["alpaca", "uw"])
def test_a_taken_port_is_named(party: str) -> None:
    """Somebody listens there already: exit 3, and the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = here("simulate", party, "--port", port)

    assert (ran.code, ran.out) == (3, "")
    assert str(port) in ran.err


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
