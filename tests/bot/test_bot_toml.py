"""What bot.toml says of the reference bot is true of its code."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

BOT = Path(__file__).resolve().parents[2] / "bot"


def labels() -> set[str]:
    """Every label that the code can write into its decisions log: literals, and the words of its error classes."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in BOT.rglob("*.py"))
    spoken = re.findall(r'(?:blocked|CacheUnusable)\(\s*"([a-z_]+)"', text)
    return {*spoken, *re.findall(r'^    label = "([a-z_]+)"', text, re.MULTILINE)}


def test_every_gate_that_is_mapped_exists() -> None:
    """A gate that nothing in the code is called would never be found in a trace."""
    gates = tomllib.loads((BOT / "bot.toml").read_text(encoding="utf-8"))["gates"]
    written = labels()
    missing = {gate for gate in gates if not gate.endswith("_*") and gate not in written}

    assert len(written) > 25
    assert missing == set()
