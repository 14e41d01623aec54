"""The configuration hash: every file that decides what the bot does, and nothing else, wherever the bot lies."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.readiness.identity import configuration_hash
from tests.canary.attached import attached


@pytest.mark.parametrize("parent", ["plain", ".hidden"])
def test_the_code_is_in_the_hash_wherever_the_bot_lies(parent: str, tmp_path: Path) -> None:
    """A hidden folder above the bot hides none of its files."""
    deployment = attached(tmp_path / parent, "trades_rightly")
    before = configuration_hash(deployment)
    (deployment.root / "trader.py").write_text("changed = True\n", encoding="ascii")

    assert configuration_hash(deployment) != before


def test_what_the_bot_writes_and_what_tools_keep_is_not_in_it(tmp_path: Path) -> None:
    """State, an environment of its own, caches, secrets; and a name or a pipe that nobody can read ends nothing."""
    deployment = attached(tmp_path, "trades_rightly")
    before = configuration_hash(deployment)
    for name in ("diary/x.json", "env/pyvenv.cfg", "env/lib/a/b/c.py", ".cache/a/b/c/d", ".env", "venue.key"):
        path = deployment.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", encoding="ascii")
    os.mkfifo(deployment.root / "pipe")

    assert configuration_hash(deployment) == before

    (deployment.root / os.fsdecode(b"odd\xff name")).write_text("x", encoding="ascii")

    assert configuration_hash(deployment) != before
