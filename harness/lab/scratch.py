"""The scratch copy of a deployment: code, state, configuration and caches as they are now, and nothing secret.

Never copied: `.git`, `.env` and its like, virtual environments, byte code. Links are followed, so that what the
copy writes can never reach the deployment.
"""

from __future__ import annotations

import dataclasses
import fnmatch
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from harness.deployment import Deployment

NEVER = (".git", ".hg", ".env", ".env.*", "*.pem", "*.key", "__pycache__", "*.pyc", "node_modules", ".mypy_cache")


PREFIX = "signal-lab-"
OWNER = "owner"
_ERRNO = re.compile(r"^\[Errno \d+\] ([^:]+): .*$")
"""An error as shutil hands it on, with the path that is named already."""


class CopyFailed(Exception):
    """The deployment could not be copied; the message is one sentence."""


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder of our own, 0700, gone with everything in it at the end."""
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    owner = psutil.Process()
    (folder / OWNER).write_text(f"{owner.pid} {owner.create_time()!r}\n", encoding="ascii")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep() -> tuple[Path, ...]:
    """Remove the scratch folders whose owner was killed before it could, and return them."""
    left = [folder for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*") if _is_orphan(folder)]
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)
    return tuple(left)


def _is_orphan(folder: Path) -> bool:
    """Whether the process that made `folder` is gone. A folder that names no owner is left alone."""
    try:
        pid, created_s = (folder / OWNER).read_text(encoding="ascii").split()
        return psutil.Process(int(pid)).create_time() != float(created_s)
    except psutil.NoSuchProcess:
        return True
    except (OSError, ValueError, psutil.Error):
        return False  # not ours to judge


def copy(deployment: Deployment, into: Path, *, clean: bool) -> Deployment:
    """Copy `deployment` below `into` and return it as it stands there.

    `clean` leaves out what the bot wrote: the copy starts from its declared defaults.
    """
    root = into / deployment.root.name
    skipped = (*NEVER, *deployment.toml.code.exclude)
    written = {(deployment.root / entry).resolve() for entry in deployment.toml.code.writes} if clean else set()

    def ignore(folder: str, names: Iterable[str]) -> set[str]:
        return {name for name in names if left_out(Path(folder) / name, skipped, written)}

    try:
        shutil.copytree(deployment.root, root, ignore=ignore, ignore_dangling_symlinks=True, copy_function=_unless_gone)
    except (shutil.Error, OSError) as error:
        raise CopyFailed(f"{deployment.root} cannot be copied: {_first(error)}") from None
    moved = dataclasses.replace(deployment, root=root)
    for entry in deployment.toml.code.writes if clean else ():
        _place_defaults(moved, entry)
    return moved


def _unless_gone(source: str, target: str) -> str:
    """Copy a file. A running bot replaces its files by renaming drafts: one may be gone since the listing."""
    try:
        return str(shutil.copy2(source, target))
    except FileNotFoundError:
        if os.path.lexists(source):
            raise
        return target


def left_out(path: Path, patterns: tuple[str, ...], written: set[Path]) -> bool:
    """Whether the lab leaves `path` out: by name, as a folder that the bot writes, as no file, as an environment."""
    if any(fnmatch.fnmatch(path.name, pattern) for pattern in patterns) or path.resolve() in written:
        return True
    if path.is_socket() or path.is_fifo() or path.is_block_device() or path.is_char_device():
        return True
    return os.path.exists(path / "pyvenv.cfg")  # noqa: PTH110 - Path.exists raises for a folder that is closed to us


def _place_defaults(deployment: Deployment, folder: str) -> None:
    """Put the declared default of each file that lies in `folder`. Raises `CopyFailed` for one that is not there."""
    for role, table in deployment.toml.files.items():
        target = deployment.root / table.path
        if table.default and target.is_relative_to(deployment.root / folder):
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                shutil.copyfile(deployment.root / table.default, target)
            except OSError as error:
                said = f"files.{role}.default = {table.default!r} cannot be copied: {error.strerror}"
                raise CopyFailed(f"{deployment.toml_path}: {said}; put the file there, or correct the path") from None


def _first(error: shutil.Error | OSError) -> str:
    if isinstance(error, shutil.Error) and error.args and isinstance(error.args[0], list):
        source, _, why = error.args[0][0]
        return f"{source}: " + _ERRNO.sub(r"\1", why)
    named = f"{error.filename}: " if error.filename else ""
    return named + (os.strerror(error.errno) if error.errno else str(error))
