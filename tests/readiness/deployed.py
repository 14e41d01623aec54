"""The reference bot as somebody has deployed it: a copy of its own, with state in it."""

from __future__ import annotations

import shutil
from pathlib import Path

from chaos.experiments import inject
from harness.cli.arguments import REFERENCE
from harness.deployment import Deployment, load
from harness.lab.ports import DirectWire
from harness.readiness import Options

WRITTEN = ("state", "data", "logs")


def deployed(folder: Path, **state: str) -> Deployment:
    """A copy below `folder` whose state is the declared defaults but for the files given here, by stem."""
    root = folder / "bot"
    shutil.copytree(REFERENCE.parent, root, ignore=shutil.ignore_patterns("__pycache__", *WRITTEN))
    shutil.copytree(root / "defaults", root / "state")
    for stem, text in state.items():
        suffix = ".flag" if stem.endswith("freeze") else ".json"
        (root / "state" / f"{stem}{suffix}").write_text(text, encoding="utf-8")
    return load(root / "bot.toml")


def quick(*, at_s: float | None = None, clean: bool = False) -> Options:
    """One bench, no wire in between and no receipt."""
    return Options(wire=DirectWire, at_s=at_s, clean=clean)


def whole(*, at_s: float | None = None) -> Options:
    """As `verify` of the command line, but for the wire."""
    return Options(wire=DirectWire, at_s=at_s, faults=inject)
