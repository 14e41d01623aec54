"""The scratch copy: everything as it is, nothing secret, and no way back into the deployment."""

from __future__ import annotations

import itertools
import os
import socket
import subprocess
import threading
from pathlib import Path

import pytest

from harness.deployment import Deployment, load
from harness.lab.scratch import OWNER, CopyFailed, copy, scratch, sweep
from harness.vocabulary.roles import File
from tests.lab.leftovers import scratch_place, tree_hash

TOML = """
schema = 1
name = "copied"
desks = ["equities"]
[code]
writes = ["state"]
exclude = ["*.parquet"]
[files.positions]
path = "state/positions.json"
default = "defaults/positions.json"
[canary]
symbols = ["AAPL"]
decide = { target = "trader:decide" }
"""
SECRET = (
    ".env", ".env.local", "keys/venue.pem", "keys/venue.key", ".git/config", "venv/pyvenv.cfg", "venv/bin/python",
    "__pycache__/trader.pyc", "history.parquet", "node_modules/x.js",
)  # fmt: skip
KEPT = ("trader.py", "state/positions.json", "state/odd file", "defaults/positions.json", "sub/deep/module.py")


@pytest.fixture
def bot(tmp_path: Path) -> Deployment:
    """A folder as it lies in the field."""
    root = tmp_path / "bot"
    for name in (*SECRET, *KEPT):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"content of {name}", encoding="ascii")
    (root / "bot.toml").write_text(TOML, encoding="ascii")
    return load(root / "bot.toml")


def files(folder: Path) -> set[str]:
    """Every file below `folder`."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_secrets_history_and_environments_are_never_copied(bot: Deployment, tmp_path: Path) -> None:
    """What is copied is the code, the state and the configuration, byte for byte."""
    copied = copy(bot, tmp_path / "into", clean=False)

    assert files(copied.root) == {*KEPT, "bot.toml"}
    assert (copied.root / "state/odd file").read_text(encoding="ascii") == "content of state/odd file"


def test_clean_starts_from_declared_defaults(bot: Deployment, tmp_path: Path) -> None:
    """What the bot wrote stays behind; the default of each file lies in its place."""
    copied = copy(bot, tmp_path / "into", clean=True)

    assert files(copied.root / "state") == {"positions.json"}
    assert copied.path(File.POSITIONS).read_text(encoding="ascii") == "content of defaults/positions.json"


def test_links_are_followed_so_that_no_write_goes_back(bot: Deployment, tmp_path: Path) -> None:
    """A state file that is a link to the real one: writing the copy leaves the real one alone."""
    real = tmp_path / "real.json"
    real.write_text("real", encoding="ascii")
    (bot.root / "state" / "linked.json").symlink_to(real)
    (bot.root / "state" / "dangling").symlink_to(tmp_path / "nowhere")
    copied = copy(bot, tmp_path / "into", clean=False)
    (copied.root / "state" / "linked.json").write_text("changed", encoding="ascii")

    assert real.read_text(encoding="ascii") == "real"
    assert not (copied.root / "state" / "dangling").exists()


def test_sockets_and_pipes_are_left_out(bot: Deployment) -> None:
    """Reading a pipe would wait for ever; a socket cannot be copied."""
    with scratch_place() as place, socket.socket(socket.AF_UNIX) as listening:
        (place / "state").symlink_to(bot.root / "state")  # short, for a socket's path has at most 107 bytes
        listening.bind(str(place / "state" / "s"))
        os.mkfifo(bot.root / "state" / "pipe")
        copied = copy(bot, place / "into", clean=False)

        assert files(copied.root / "state") == {"positions.json", "odd file"}
        assert not (copied.root / "state" / "pipe").exists()


def test_a_running_bot_may_rename_its_drafts_meanwhile(bot: Deployment, tmp_path: Path) -> None:
    """A deployment that is at work is copied too: a thread replaces a file all the while, and ten copies are whole."""
    over = threading.Event()

    def work() -> None:
        for number in itertools.count():
            if over.is_set():
                return
            draft = bot.root / "state" / f".positions.{number}.tmp"
            draft.write_text("content of state/positions.json", encoding="ascii")
            draft.replace(bot.root / "state" / "positions.json")

    thread = threading.Thread(target=work)
    thread.start()
    try:
        copies = [copy(bot, tmp_path / str(number), clean=False) for number in range(10)]
    finally:
        over.set()
        thread.join()

    assert [one.path(File.POSITIONS).read_text(encoding="ascii") for one in copies] == [
        "content of state/positions.json"
    ] * 10


def test_copying_changes_nothing(bot: Deployment, tmp_path: Path) -> None:
    """Not a byte, not a time."""
    before = tree_hash(bot.root)
    copy(bot, tmp_path / "into", clean=False)
    copy(bot, tmp_path / "clean", clean=True)

    assert tree_hash(bot.root) == before


def test_a_default_that_is_not_there_is_one_sentence(bot: Deployment, tmp_path: Path) -> None:
    """File, key and way out: a clean copy cannot be made."""
    (bot.root / "defaults" / "positions.json").unlink()

    with pytest.raises(CopyFailed, match=r"bot\.toml: files\.positions\.default = .* put the file there"):
        copy(bot, tmp_path / "into", clean=True)


def test_a_circle_of_links_is_one_sentence(bot: Deployment, tmp_path: Path) -> None:
    """A folder that links to itself has no copy; the folder is named."""
    (bot.root / "sub" / "again").symlink_to(bot.root / "sub")

    with pytest.raises(CopyFailed, match="cannot be copied") as failed:
        copy(bot, tmp_path / "into", clean=False)

    assert str(failed.value).count("\n") == 0


def test_the_scratch_folder_is_ours_alone_and_goes_with_an_error() -> None:
    """0700, and gone whatever happens inside."""
    with pytest.raises(RuntimeError), scratch() as folder:  # noqa: PT012 - what happens inside is the point
        mode = folder.stat().st_mode & 0o777
        (folder / "x").touch()
        raise RuntimeError

    assert mode == 0o700
    assert not folder.exists()


def test_what_a_killed_lab_left_is_swept_and_what_lives_is_not() -> None:
    """A folder whose owner is gone goes; one whose owner lives, and one that names nobody, stay."""
    with scratch() as living, scratch() as orphan, scratch() as nameless:
        gone = subprocess.Popen(["true"])
        gone.wait()
        (orphan / OWNER).write_text(f"{gone.pid} 1.0\n", encoding="ascii")
        (nameless / OWNER).unlink()
        swept = sweep()

        assert orphan in swept
        assert not orphan.exists()
        assert living.exists()
        assert nameless.exists()
