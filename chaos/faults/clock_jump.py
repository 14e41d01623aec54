"""The wall clock jumps while processes run, and the monotonic one goes on.

It moves those processes alone that run under libfaketime with this timestamp file; nothing sets the machine's clock.
Source: libfaketime's README (`FAKETIME_TIMESTAMP_FILE`, `FAKETIME_NO_CACHE`, `FAKETIME_DONT_FAKE_MONOTONIC`).
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos.effect import NoEffect
from chaos.faults.file_change import changed
from harness.lab.clock import faketime_library

_TOLERANCE_S = 2.0  # `date` tells whole seconds


@contextmanager
def jump(timestamp_file: Path, *, by_s: float) -> Iterator[float]:
    """Move the wall clock by `by_s` seconds (negative: back) on top of the offset that the file holds.

    Yields the offset from real time, in seconds. When somebody sets the clock anew meanwhile, theirs stays. Raises
    ValueError for a file that holds no offset, NoEffect where a process does not see the jump or libfaketime is
    missing, and as `changed` does.
    """
    library = faketime_library()
    if library is None:
        raise NoEffect("libfaketime is not to be had here, so no process would see the clock jump")
    offset_s = _offset(timestamp_file) + by_s
    with changed("clock jump", timestamp_file, f"{offset_s:+.3f}\n".encode("ascii")) as target:
        seen_s = _told_by_a_process(target, library) - time.time()
        if abs(seen_s - offset_s) > _TOLERANCE_S:
            raise NoEffect(f"a process under {target} sees its clock off by {seen_s:.0f} s, not {offset_s:.0f} s")
        yield offset_s


def _offset(timestamp_file: Path) -> float:
    if not timestamp_file.exists():
        return 0.0
    text = timestamp_file.read_text(encoding="ascii").strip()
    try:
        return float(text.removesuffix("s") or 0)
    except ValueError:
        raise ValueError(f"{timestamp_file} holds {text!r}, which is no offset in seconds such as +3600.0") from None


def _told_by_a_process(timestamp_file: Path, library: Path) -> float:
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(timestamp_file),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    done = subprocess.run(["date", "+%s"], env=environment, capture_output=True, text=True, check=True, timeout=10)
    return float(done.stdout)
