"""`check` judges a running deployment that no lab made: read-only, in real time, and without a canary."""

from __future__ import annotations

import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from fixtures.alpaca import Alpaca
from fixtures.clock import VirtualClock
from fixtures.serving import serve
from tests.cli.running import aside

BOT = Path(__file__).resolve().parents[2] / "bot"
KEYS = {"ALPACA_API_KEY": "K" * 16, "ALPACA_SECRET_KEY": "S" * 32}


@pytest.fixture
def deployed(tmp_path: Path) -> Path:
    """A deployment of the reference bot whose loop lives, by a pid file, and whose cache is fresh."""
    root = tmp_path / "bot"
    shutil.copytree(BOT, root, ignore=shutil.ignore_patterns("state", "data", "logs", "__pycache__"))
    shutil.copytree(root / "defaults", root / "state")
    toml = (root / "bot.toml").read_text(encoding="utf-8")
    live = '[services.trading_loop.live]\nby = "pidfile"\nname = "state/loop.pid"\n\n[services.heartbeat_keeper]'
    (root / "bot.toml").write_text(toml.replace("[services.heartbeat_keeper]", live), encoding="utf-8")
    (root / "state" / "loop.pid").write_text(str(os.getpid()), encoding="ascii")
    write_cache(root, time.time() - 5)
    return root


def write_cache(root: Path, updated_at_s: float) -> None:
    """A flow cache of one symbol."""
    (root / "data").mkdir(exist_ok=True)
    cache = {"_metadata": {"last_update": updated_at_s, "schema": 1}, "AAPL": {"flow": [], "darkpool": []}}
    (root / "data" / "uw_flow_cache.json").write_text(json.dumps(cache), encoding="utf-8")


def checked(root: Path, **environment: str) -> tuple[int, dict[str, Any], dict[str, Any]]:
    """Exit code, the whole answer, and its rows by id."""
    ran = aside("check", "--bot", root, "--json", env={**dict.fromkeys(KEYS, ""), "UW_API_KEY": "", **environment})
    table = json.loads(ran.out)
    return ran.code, table, {row["id"]: row for row in table["points"]}


def test_a_cache_of_yesterday_is_red(deployed: Path) -> None:
    """By the machine's own clock, with age and limit, whatever the time of the file."""
    write_cache(deployed, time.time() - 86_400)
    code, table, rows = checked(deployed)

    assert (code, table["colour"]) == (2, "RED")
    assert rows["FP-1.3"]["status"] == "ERROR"
    assert rows["FP-1.3"]["evidence"]["age_s"] == pytest.approx(86_400, abs=60)
    assert rows["FP-1.3"]["evidence"]["age_s_max"] == 600


def test_it_says_that_it_carries_no_canary(deployed: Path) -> None:
    """Neither in JSON nor in words does a check pretend that a signal would trade."""
    assert checked(deployed)[1]["canary"] is None
    assert "No canary was sent" in aside("check", "--bot", deployed).out


def test_what_could_not_be_asked_is_unknown_and_named(deployed: Path) -> None:
    """Without keys in the shell the venue is not asked, and the point says which variable is missing."""
    rows = checked(deployed)[2]

    assert rows["FP-4.2"]["status"] == "UNKNOWN"
    assert "ALPACA_API_KEY and ALPACA_SECRET_KEY not set in this shell" in rows["FP-4.2"]["summary"]
    assert rows["FP-6.1"]["status"] == "OK"


def test_the_venue_is_asked_with_the_shell_s_keys(deployed: Path) -> None:
    """Read-only calls, each of them a GET, and the account's numbers are in the evidence."""
    venue = Alpaca(VirtualClock())
    venue.open_account(key=KEYS["ALPACA_API_KEY"], secret=KEYS["ALPACA_SECRET_KEY"], cash=5_000)
    with serve(venue.app) as served:
        code, table, rows = checked(deployed, **KEYS, ALPACA_BASE_URL=served.url)
    methods = {request.method for request in venue.script.log}

    assert rows["FP-4.2"]["status"] == "OK"
    assert rows["FP-4.3"]["evidence"]["buying_power_usd"] == 10_000
    assert methods == {"GET"}
    assert all(secret not in json.dumps(table) for secret in KEYS.values())
    assert code == 2, "the daemon has no live table, so a critical point is unknown"


def test_nothing_of_the_deployment_is_changed(deployed: Path) -> None:
    """Not a byte, not a time."""
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in deployed.rglob("*") if path.is_file()}
    checked(deployed)
    after = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in deployed.rglob("*") if path.is_file()}

    assert before == after
