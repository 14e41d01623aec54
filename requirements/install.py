"""Make `.venv`, and install one lock into it: `python requirements/install.py verify|test`.

Standard library only, run by whatever Python the machine has. The lock `test` holds everything that `verify` holds
at the same versions (`make lock` sees to it), so installing one never takes anything from the other. Two runs at once
wait for each other on a file lock; a run that finds its lock installed already does nothing.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "requirements"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"


class CannotInstall(Exception):
    """The environment cannot be made; the message says what is missing and how to get it."""


def main(argv: list[str]) -> int:
    """Install the named lock; 0 when it stands, 1 with one sentence when it cannot."""
    if len(argv) != 1 or argv[0] not in ("verify", "test"):
        print("usage: python requirements/install.py verify|test", file=sys.stderr)
        return 2
    (ROOT / ".cache").mkdir(exist_ok=True)
    with (ROOT / ".cache" / "install.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            install(argv[0])
        except CannotInstall as error:
            print(f"cannot set up .venv: {error}", file=sys.stderr)
            return 1
    return 0


def install(name: str) -> None:
    """Bring `.venv` to the state that the lock `name` describes, unless it is there already."""
    version = _ensure_venv()
    lock = LOCKS / f"{name}.txt"
    digest = hashlib.sha256(version.encode() + lock.read_bytes()).hexdigest()
    stamp = VENV / f".{name}"
    if not (stamp.is_file() and stamp.read_text(encoding="ascii") == digest):
        began = time.monotonic()
        print(f"installing {_count(lock)} locked packages into .venv (Python {version}) ...", flush=True)
        _install(lock)
        print(f"installed in {time.monotonic() - began:.1f} s", flush=True)
        stamp.write_text(digest, encoding="ascii")
    os.utime(stamp)  # make compares times: newer than the lock means nothing to do


def _count(lock: Path) -> int:
    lines = lock.read_text(encoding="utf-8").splitlines()
    return sum("==" in line and not line.startswith((" ", "#")) for line in lines)


def _ensure_venv() -> str:
    """Make the environment where none works, and return the version of its Python."""
    version = _version(PYTHON)
    if version:
        return version
    print(f"making .venv with {sys.executable} ...", flush=True)
    made = _run(sys.executable, "-m", "venv", "--clear", str(VENV))
    if made.returncode != 0:
        # Debian keeps ensurepip in a package of its own; an environment without pip is enough where some pip is at hand
        made = _run(sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV))
    version = _version(PYTHON)
    if made.returncode != 0 or not version:
        raise CannotInstall(
            f"{sys.executable} has no working venv module ({_last_line(made)}); "
            "install it (Debian, Ubuntu: apt-get install python3-venv), "
            "or name another Python: make PYTHON=/path/to/python3"
        )
    return version


def _version(python: Path) -> str:
    """The version of a Python that runs and is new enough; empty where it does not (a moved folder, an old one)."""
    if not python.exists():
        return ""
    asked = _run(str(python), "-c", "import sys; print(sys.version_info >= (3, 11), '%d.%d.%d' % sys.version_info[:3])")
    new_enough, _, version = asked.stdout.strip().partition(" ")
    return version if asked.returncode == 0 and new_enough == "True" else ""


def _install(lock: Path) -> None:
    uv = _ensure_uv()
    if uv:
        quietly = ("pip", "install", "--quiet", "--require-hashes")
        if _show(str(uv), *quietly, "--python", str(PYTHON), "-r", str(lock)) == 0:
            return
        # a mirror may be set for pip alone, and pip reads the same lock
        print("uv could not install the lock; trying pip, which takes longer ...", flush=True)
    pip = _pip()
    if _show(*pip, "install", "--quiet", "--require-hashes", "-r", str(lock)) != 0:
        raise CannotInstall(
            f"neither uv nor pip could install {lock.relative_to(ROOT)}; their words are above. "
            "Is the package index reachable from here (proxy, mirror, certificates)?"
        )


def _ensure_uv() -> Path | None:
    """The locked uv inside `.venv`, put there by pip with its hashes; None where pip cannot."""
    if UV.exists():
        return UV
    return UV if _show(*_pip(), "install", "--quiet", "--require-hashes", "-r", str(LOCKS / "uv.txt")) == 0 else None


def _pip() -> tuple[str, ...]:
    """A pip that installs into `.venv`: its own, or that of the Python which runs this."""
    quiet = ("--disable-pip-version-check", "--no-input")
    if _run(str(PYTHON), "-m", "pip", "--version").returncode == 0:
        return (str(PYTHON), "-m", "pip", *quiet)
    if _run(sys.executable, "-m", "pip", "--version").returncode == 0:
        return (sys.executable, "-m", "pip", "--python", str(PYTHON), *quiet)
    raise CannotInstall(
        f"{sys.executable} has neither ensurepip nor pip; install one of them "
        "(Debian, Ubuntu: apt-get install python3-venv), or name another Python: make PYTHON=/path/to/python3"
    )


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        return subprocess.CompletedProcess(command, 127, "", str(error))


def _show(*command: str) -> int:
    """Run a command whose words the user should see; returns its exit code."""
    return subprocess.run(command, check=False).returncode


def _last_line(done: subprocess.CompletedProcess[str]) -> str:
    lines = (done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}").splitlines()
    return lines[-1].strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
