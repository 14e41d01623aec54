"""Which bot, which harness, which configuration: what a verdict is bound to, so that no other can borrow it."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from harness.deployment import Deployment
from harness.lab.scratch import NEVER, left_out

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
    """SHA-256 over `bot.toml` and every file below the root that the lab copies and the bot does not write.

    Hidden files are left out: tools keep their caches in them.
    """
    digest = hashlib.sha256(deployment.toml_path.read_bytes())
    for path in sorted(_configured(deployment)):
        try:
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").digest()
        except OSError as error:
            content = str(error.strerror).encode()  # gone since the listing, or not for us: that too is a difference
        digest.update(os.fsencode(path.relative_to(deployment.root)) + content)
    return digest.hexdigest()


def _configured(deployment: Deployment) -> Iterator[Path]:
    skipped = (".*", *NEVER, *deployment.toml.code.exclude)
    written = {(deployment.root / entry).resolve() for entry in deployment.toml.code.writes}
    for folder, below, names in os.walk(deployment.root):
        below[:] = [name for name in below if not left_out(Path(folder) / name, skipped, written)]
        paths = (Path(folder) / name for name in names)
        yield from (path for path in paths if path.is_file() and not left_out(path, skipped, written))
