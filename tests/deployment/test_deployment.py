"""A deployment: roles resolved to paths, commands and limits, and what a `bot.toml` does not say."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from harness.cli.arguments import REFERENCE
from harness.deployment import Deployment, DeploymentError, load
from harness.vocabulary import NotApplicable
from harness.vocabulary.roles import CATALOGUE_LIMITS, File, Limit, Service, Upstream
from tests.canary.attached import CONTROL_BOTS, attached

SMALLEST = """
schema = 1
name = "smallest"
desks = ["equities"]
[canary]
symbols = ["AAPL"]
decide = { target = "trader:decide" }
"""


def smallest(folder: Path, more: str = "") -> Deployment:
    """The least that can be said of a bot, and some more."""
    path = folder / "bot.toml"
    path.write_text(SMALLEST + more, encoding="utf-8")
    return load(path)


def test_the_reference_bot_loads_with_every_role() -> None:
    """What the project ships is valid, and its roles are found in its own folder."""
    deployment = load(REFERENCE)

    assert deployment.root == REFERENCE.parent
    assert deployment.path(File.FLOW_CACHE) == deployment.root / "data/uw_flow_cache.json"
    assert {
        "feeds": deployment.service(Service.FLOW_DAEMON).feeds,
        "trades": deployment.service(Service.TRADING_LOOP).trades,
    } == {"feeds": True, "trades": True}


def test_a_path_may_be_relative_and_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder that is meant is the one where the file lies for whoever names it."""
    smallest(tmp_path)
    monkeypatch.chdir(tmp_path)

    assert load(Path("bot.toml")).root == tmp_path


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    """Some editors write both."""
    path = tmp_path / "bot.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALLEST.replace("\n", "\r\n").encode())

    assert load(path).name == "smallest"


def test_a_device_without_an_end_is_not_read() -> None:
    """`--bot /dev/zero` would fill the memory."""
    with pytest.raises(DeploymentError, match=r"/dev/zero is no bot\.toml"):
        load(Path("/dev/zero"))


def test_own_modules_are_those_beside_the_code(tmp_path: Path) -> None:
    """What is traced where nothing is named: every module and package of the bot, and no folder of data."""
    for name in ("trader.py", "strategies/momentum.py", "data/book.json", "no-module.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()

    assert smallest(tmp_path).own_modules == ("trader", "strategies.*")


def test_what_is_not_said_does_not_apply(tmp_path: Path) -> None:
    """No service, file or upstream is made up."""
    deployment = smallest(tmp_path)

    with pytest.raises(NotApplicable, match=r"\[services.flow_daemon\]"):
        deployment.service(Service.FLOW_DAEMON)
    with pytest.raises(NotApplicable, match=r"\[files.flow_cache\]"):
        deployment.path(File.FLOW_CACHE)
    with pytest.raises(NotApplicable, match=r"\[upstreams.venue\]"):
        deployment.upstream(Upstream.VENUE)


def test_limits_are_the_bot_s_own_where_it_states_them(tmp_path: Path) -> None:
    """And the catalogue's elsewhere."""
    limits = smallest(tmp_path, "[limits]\nopen_positions = 3\n").limits

    assert limits[Limit.OPEN_POSITIONS] == 3
    assert limits[Limit.WEIGHT_BANDS] == CATALOGUE_LIMITS[Limit.WEIGHT_BANDS]
    assert set(limits) == set(Limit)


def test_a_file_says_which_schemas_the_bot_can_read(tmp_path: Path) -> None:
    """Whole numbers, several where the bot migrates; none where nothing is said."""
    table = '[files.positions]\npath = "positions.json"\n'

    assert smallest(tmp_path, table).file(File.POSITIONS).schemas == ()
    assert smallest(tmp_path, f"{table}schemas = [1, 2]\n").file(File.POSITIONS).schemas == (1, 2)
    with pytest.raises(DeploymentError, match="schemas"):
        smallest(tmp_path, f'{table}schemas = ["new"]\n')


def test_places_are_filled_in(tmp_path: Path) -> None:
    """The interpreter and the folder, in commands and in settings."""
    deployment = attached(tmp_path, "trades_rightly", loop=True, settings='{ HOME_OF_BOT = "{root}/x", A = "{{b}}" }')

    assert deployment.command(Service.TRADING_LOOP) == [sys.executable, "loop.py", "trades_rightly"]
    assert deployment.settings() == {"HOME_OF_BOT": f"{deployment.root}/x", "A": "{b}"}


def test_the_bot_s_own_interpreter_keeps_its_link(tmp_path: Path) -> None:
    """A virtual environment's python is a link, and following it would leave the environment."""
    (tmp_path / "python").symlink_to(sys.executable)
    deployment = smallest(tmp_path, '[code]\npython = "python"\n')

    assert deployment.python == str(tmp_path / "python")


@pytest.mark.parametrize("entry", ["../x", "/etc", "a/../../x"])
def test_no_path_leaves_the_folder(tmp_path: Path, entry: str) -> None:
    """What a bot writes is copied, and what is copied lies inside."""
    with pytest.raises(DeploymentError, match=r"leaves the bot's folder"):
        smallest(tmp_path, f'[code]\nwrites = ["{entry}"]\n')


def test_a_link_out_of_the_folder_leaves_it_too(tmp_path: Path) -> None:
    """A folder of the bot may be a link; one that the bot writes must stay."""
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "state").symlink_to(tmp_path)

    with pytest.raises(DeploymentError, match=r"writes = .state. leaves"):
        smallest(tmp_path / "bot", '[code]\nwrites = ["state"]\n')


@pytest.mark.parametrize(
    ("key", "nearest"),
    [
        ("[canary.decid]\n", "`decide`"),
        ("[code]\nrot = 1\n", "`root`"),
        ("[environment]\nsecret = []\n", "`secrets`"),
        ('[upstreams.venue]\nprotocol = "alpaca"\nurl = "https://x"\nkeys = "A"\n', "`key`"),
        ('[services.flow_daemon]\ncommand = []\nheartbeats = "x"\n', "`heartbeat`"),
        ("[pace]\nfactr = 2\n", "`factor`"),
    ],
)
def test_the_nearest_known_key_is_suggested_in_every_table(tmp_path: Path, key: str, nearest: str) -> None:
    """A misspelt key is never a silent default."""
    with pytest.raises(DeploymentError, match=f"did you mean {nearest}"):
        smallest(tmp_path, key)


def test_a_folder_in_place_of_the_file_is_said(tmp_path: Path) -> None:
    """It is not "empty" and not "missing"."""
    with pytest.raises(DeploymentError, match="is a folder"):
        load(tmp_path)


def test_the_control_bots_are_no_part_of_the_harness() -> None:
    """They import nothing of ours: attached like any stranger's."""
    words = "".join(path.read_text(encoding="utf-8") for path in CONTROL_BOTS.glob("*.py"))

    assert "harness" not in words
    assert "fixtures" not in words
