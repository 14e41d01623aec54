"""What the machine can do is tried, not assumed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chaos.capabilities import PROBES, capabilities, probe
from chaos.faults.disk_full import full_disk


def test_every_probe_says_how_it_was_seen() -> None:
    """Each capability has a name, an answer and a reason in words."""
    found = capabilities()

    assert set(found) == set(PROBES)
    assert all(one.name == name and one.why for name, one in found.items())


def test_root_is_the_user_id() -> None:
    """Root is what the kernel says."""
    assert probe("root").present is (os.geteuid() == 0)


def test_a_look_is_kept() -> None:
    """The second question is answered from the first look."""
    assert probe("strace") is probe("strace")


def test_a_name_that_nobody_probes_is_an_error() -> None:
    """A misspelt need must not count as met or as missing."""
    with pytest.raises(KeyError, match="nobody can tell whether this machine has 'stracce'; known are: docker, "):
        probe("stracce")


def test_a_machine_without_tools_lacks_them(tmp_path: Path) -> None:
    """With an empty PATH, no engine and no cache, nothing is present that a program would have to do."""
    program = (
        "from chaos.capabilities import capabilities\n"
        "for one in capabilities().values(): print(one.name, one.present, one.why, sep='|')"
    )
    environment = {
        **os.environ,
        "PATH": str(tmp_path),
        "XDG_CACHE_HOME": str(tmp_path),
        "DOCKER_HOST": f"unix://{tmp_path}/no-engine",
    }
    environment.pop("TOXIPROXY_URL", None)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment, timeout=60
    )
    found = {name: (present, why) for name, present, why in (line.split("|", 2) for line in done.stdout.splitlines())}

    assert {name for name, (present, _) in found.items() if present == "True"} <= {"root"}
    assert found["strace"] == ("False", "no strace on PATH")
    assert "no toxiproxy-server on PATH" in found["toxiproxy"][1]


@pytest.mark.needs("mounts")
def test_where_mounts_are_possible_a_disk_can_be_filled(tmp_path: Path) -> None:
    """The probe for mounts agrees with the fault that needs them, in this very namespace."""
    state = tmp_path / "state"
    state.mkdir()
    with full_disk(state):
        assert state.is_mount()

    assert not state.is_mount()
