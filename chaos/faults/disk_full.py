"""A folder's disk has no byte left: writes fail with ENOSPC, and what is there can still be read.

A tmpfs of just the right size is mounted over the folder, with copies of its files and a filler.
Source: tmpfs(5), mount(8).
"""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos.effect import NoEffect
from chaos.ledger import standing
from chaos.lift_kinds import Unmount

FILLER = ".fills-the-disk"
_PAGE_BYTES = 4096
_ROOM_BYTES = 64 * _PAGE_BYTES
_WITHIN_S = 30.0


@contextmanager
def full_disk(folder: Path) -> Iterator[Path]:
    """Have no space left below `folder` while the block runs. Yields the filler: unlink it to make room again.

    Whoever opens a file anew is struck; a file that is open already lies on the old disk. Afterwards the folder is
    what it was before, and what was written in the block is gone with the disk.
    Needs the right to mount in this mount namespace (capability `mounts`). Raises NotADirectoryError,
    PermissionError when the mount is refused, and NoEffect when a write still succeeds.
    """
    target = folder.resolve()
    if not target.is_dir():
        raise NotADirectoryError(f"{target} is no folder")
    beneath = os.open(target, os.O_RDONLY | os.O_DIRECTORY)  # stays the old folder when something is mounted over it
    try:
        namespace = str(Path("/proc/self/ns/mnt").readlink())
        with standing("full disk", f"full disk at {target}", Unmount(mountpoint=str(target), namespace=namespace)):
            _mount(target)
            _run(["cp", "--archive", f"/proc/self/fd/{beneath}/.", str(target)], keep=beneath)
            filler = target / FILLER
            _fill(filler)
            if _can_write(target):
                raise NoEffect(f"{target} should be full, yet a file could be written there")
            yield filler
    finally:
        os.close(beneath)


def _mount(target: Path) -> None:
    used_bytes = sum(_PAGE_BYTES + -(-file.lstat().st_size // _PAGE_BYTES) * _PAGE_BYTES for file in target.rglob("*"))
    facts = target.stat()
    options = f"size={used_bytes + _ROOM_BYTES},mode={facts.st_mode & 0o7777:o},uid={facts.st_uid},gid={facts.st_gid}"
    _run(["mount", "-t", "tmpfs", "-o", options, "signal-to-order-fault", str(target)])


def _run(command: list[str], *, keep: int | None = None) -> None:
    kept = () if keep is None else (keep,)
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_WITHIN_S, pass_fds=kept)
    if done.returncode != 0:
        raise PermissionError(f"{command[0]} was refused ({done.stderr.strip()}): run as root, or in `unshare --mount`")


def _fill(filler: Path) -> None:
    """Write until the kernel says that there is no more."""
    descriptor = os.open(filler, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        while True:
            os.write(descriptor, bytes(_PAGE_BYTES))
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
    finally:
        os.close(descriptor)


def _can_write(target: Path) -> bool:
    probe = target / ".can-write"
    try:
        probe.write_bytes(b"x")
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return False
    finally:
        with contextlib.suppress(FileNotFoundError):  # where not even the name could be made
            probe.unlink()
    return True
