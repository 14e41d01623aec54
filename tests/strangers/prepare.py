"""The virtual environment of the stranger, built once per user: `python -m tests.strangers.prepare`.

Its pins are its own and cannot be installed beside ours (alpaca-trade-api wants urllib3 < 2 and websockets < 11). The
folder in the user's cache is keyed by the pinned requirements and by the Python that makes it, so it is built again
only when one of them changes. Building needs the package registry; `make test` builds before it leaves the network.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from chaos.cache import cache_dir

REQUIREMENTS = Path(__file__).parent / "ugly" / "requirements.txt"
BUILD_DEADLINE_S = 600.0


class NotPrepared(Exception):
    """The environment is not there and could not be built; the message is one sentence with the way out.

    A test that meets it has proven nothing, so it fails, and the summary of the run lists it as UNVERIFIED.
    """

    def __init__(self, why: str) -> None:
        super().__init__(f"UNVERIFIED: {why}")


def folder() -> Path:
    """Where the environment of these pins and this Python lies, whether or not it is there."""
    told = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode() + sys.base_prefix.encode())
    return cache_dir() / "strangers" / f"ugly-{told.hexdigest()[:16]}"


def interpreter() -> Path:
    """The stranger's own Python, built where it is missing. Raises `NotPrepared`."""
    place = folder()
    python = place / "bin" / "python"
    if python.exists():
        return python
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with (place.parent / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two test runs at once: the second finds what the first has built
            if not python.exists():
                _build(place)
    except OSError as error:
        raise NotPrepared(f"the stranger's environment cannot be built in {place}: {error.strerror}") from error
    return python


def _build(place: Path) -> None:
    """Build beside the place and move it there at once, so that a killed build is never taken for a whole one."""
    beside = place.with_name(f"{place.name}.new")
    shutil.rmtree(beside, ignore_errors=True)
    python = str(beside / "bin" / "python")
    uv = [sys.executable, "-m", "uv", "--quiet"]
    _run([*uv, "venv", "--no-project", "--python", sys.executable, str(beside)])
    install = ["pip", "install", "--require-hashes", "--compile-bytecode", "--python", python, "-r", str(REQUIREMENTS)]
    _run([*uv, *install])
    os.replace(beside, place)


def _run(command: list[str]) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=BUILD_DEADLINE_S, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise NotPrepared(f"{' '.join(command[2:5])} did not end within {BUILD_DEADLINE_S:g} s") from None
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["it said nothing"]
        raise NotPrepared(
            "the stranger's environment cannot be built; with a network, run `python -m tests.strangers.prepare` "
            f"({' '.join(lines)[:300]})"
        )


def main() -> int:
    """Build what is missing; print where it lies."""
    try:
        print(interpreter())
    except NotPrepared as error:
        print(f"tests.strangers.prepare: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
