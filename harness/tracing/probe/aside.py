"""Where there are no mount namespaces: canaries run one by one, and the real directories step aside meanwhile."""

from __future__ import annotations

import os
import shutil

from .isolation import copy_tree, make

_SUFFIX = ".canary-aside"


def step_aside(images: dict[str, str]) -> dict[str, str]:
    """Move each directory away and put a copy of its image in its place; directory -> where it lies now.

    Raises OSError with everything put back.
    """
    moved: dict[str, str] = {}
    try:
        for directory in sorted(images, key=len):
            if any(directory.startswith(above + "/") for above in moved) and not images[directory]:
                continue
            make(directory)
            away = directory + _SUFFIX
            image = images[directory] or directory
            os.rename(directory, away)  # noqa: PTH104
            moved[directory] = away
            os.mkdir(directory)  # noqa: PTH102
            os.chmod(directory, os.stat(away).st_mode & 0o7777)  # noqa: PTH101, PTH116
            copy_tree(_where(image, moved), directory)
    except OSError:
        put_back(moved)
        raise
    return moved


def put_back(moved: dict[str, str]) -> None:
    """Undo `step_aside`, the deepest directory first."""
    for directory in sorted(moved, key=len, reverse=True):
        shutil.rmtree(directory, ignore_errors=True)
        os.rename(moved[directory], directory)  # noqa: PTH104


def recover(directories: list[str]) -> list[str]:
    """Put back what a host that was killed in the middle of a canary left aside; the directories put back."""
    left = {directory: directory + _SUFFIX for directory in directories if os.path.isdir(directory + _SUFFIX)}  # noqa: PTH112
    put_back(left)
    return sorted(left)


def _where(image: str, moved: dict[str, str]) -> str:
    """The image's path now: it may lie in a directory that has just stepped aside."""
    for directory, away in moved.items():
        if image == directory or image.startswith(directory + "/"):
            return away + image[len(directory) :]
    return image
