"""Which bot, which harness, which configuration: what a verdict is bound to, so that no other can borrow it."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

from harness.deployment import Deployment

HARNESS = Path(__file__).resolve().parents[2]


def commit_of(folder: Path) -> str:
    """The commit that `folder` is at, with `+changes` where the work tree differs; empty outside a repository."""
    head = _git(folder, "rev-parse", "HEAD")
    if not head:
        return ""
    return f"{head}+changes" if _git(folder, "status", "--porcelain", "--", ".") else head


def _git(folder: Path, *words: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""  # no git on the machine: the configuration hash still binds the verdict
    return done.stdout.strip() if done.returncode == 0 else ""


def configuration_hash(deployment: Deployment) -> str:
    """SHA-256 over `bot.toml` and every file below the root that is neither written by the bot nor byte code."""
    digest = hashlib.sha256(deployment.toml_path.read_bytes())
    written = [(deployment.root / entry).resolve() for entry in deployment.toml.code.writes]
    for path in sorted(deployment.root.rglob("*")):
        if not path.is_file() or path.suffix == ".pyc" or any(part.startswith(".") for part in path.parts[-3:]):
            continue
        if any(path.resolve().is_relative_to(folder) for folder in written):
            continue
        digest.update(str(path.relative_to(deployment.root)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
