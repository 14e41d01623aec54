"""The control bots as an owner would attach them: a folder of their own with a `bot.toml` beside the code."""

from __future__ import annotations

import shutil
from pathlib import Path

from harness.deployment import Deployment, load

CONTROL_BOTS = Path(__file__).parent / "control_bots"

CYCLE = """[canary.cycle]
target = "trader:cycle"
"""

LOOP = """
[services.trading_loop]
command = ["{python}", "loop.py", "KIND"]
heartbeat = "diary/beat.json"
cycles = "cycles"
trades = true
"""


def attached(
    folder: Path, kind: str, *, loop: bool = False, decide_only: bool = False, settings: str = "{}"
) -> Deployment:
    """The control bot of this kind in `folder`: with `loop`, its trading process too; with `decide_only`, no cycle.

    `settings` is a TOML table of variables.
    """
    root = folder / "bot"
    shutil.copytree(CONTROL_BOTS, root, ignore=shutil.ignore_patterns("__pycache__"))
    text = (CONTROL_BOTS / "bot.toml").read_text(encoding="utf-8").replace("set = {}", f"set = {settings}")
    if decide_only:
        text = text.replace(CYCLE, "")
    (root / "bot.toml").write_text((text + (LOOP if loop else "")).replace("KIND", kind), encoding="utf-8")
    return load(root / "bot.toml")
