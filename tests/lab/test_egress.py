"""The seal: inside it there is no way to any machine but this one."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from harness.lab.egress import SEALED
from tests.cli.running import ROOT

PROBE = """
import errno, json, os, socket
told = {"interfaces": [name for _, name in socket.if_nameindex()], "mark": os.environ.get("HARNESS_EGRESS", "")}
for name, address in {"foreign": "192.0.2.1", "loopback": "127.0.0.1"}.items():
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as made:
        made.settimeout(2.0)
        try:
            made.connect((address, 9))
            told[name] = "connected"
        except OSError as error:
            told[name] = errno.errorcode.get(error.errno, str(error))
try:
    told["name"] = socket.gethostbyname("paper-api.alpaca.markets")
except OSError as error:
    told["name"] = "no answer"
print(json.dumps(told))
"""


def sealed(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python -m harness.lab.egress -- COMMAND`."""
    program = [sys.executable, "-m", "harness.lab.egress", *command]
    env = {**os.environ, **environment}
    return subprocess.run(program, cwd=ROOT, env=env, capture_output=True, text=True, timeout=30, check=False)


def python(code: str, **environment: str) -> list[str]:
    """What a Python that is not sealed yet prints."""
    program = [sys.executable, "-c", f"import os\nfrom harness.lab import egress\n{code}"]
    env = {**os.environ, "HARNESS_EGRESS": "", **environment}
    ran = subprocess.run(program, cwd=ROOT, env=env, capture_output=True, text=True, timeout=30, check=True)
    return ran.stdout.splitlines()


@pytest.mark.needs("network_namespace")
def test_no_packet_can_leave_and_loopback_works() -> None:
    """A foreign address is unreachable at once, no name resolves, and this machine still answers itself."""
    told = json.loads(sealed("--", sys.executable, "-c", PROBE).stdout)

    assert told["interfaces"] == ["lo"]
    assert told["foreign"] == "ENETUNREACH"
    assert told["loopback"] == "ECONNREFUSED"
    assert told["name"] == "no answer"
    assert told["mark"] == SEALED


@pytest.mark.needs("network_namespace")
def test_a_mark_in_the_environment_is_not_believed() -> None:
    """The interfaces that the kernel shows decide: with the mark set already, nothing can leave all the same."""
    told = json.loads(sealed("--", sys.executable, "-c", PROBE, HARNESS_EGRESS=SEALED).stdout)

    assert (told["interfaces"], told["foreign"]) == (["lo"], "ENETUNREACH")


@pytest.mark.needs("network_namespace")
def test_a_toxiproxy_outside_that_nobody_uses_keeps_nothing_open() -> None:
    """Only a wire through it is worth the weaker guard."""
    said = python("print(egress.seal(wired=False)); print(egress.seal())", TOXIPROXY_URL="http://127.0.0.1:1")

    assert said == [SEALED, SEALED]


def test_a_kernel_that_gives_only_half_a_namespace_leaves_us_where_we_were() -> None:
    """Ubuntu's rule for users who are not root: the weaker guard is said, and the network is the host's still."""
    said = python(
        "def refuse(): raise PermissionError(1, '')\n"
        "egress._loopback_up = refuse\n"
        "before = os.readlink('/proc/self/ns/net'), os.readlink('/proc/self/ns/user')\n"
        "print(egress.seal())\n"
        "print(before == (os.readlink('/proc/self/ns/net'), os.readlink('/proc/self/ns/user')))"
    )

    assert said == ["audit hook only: the kernel refuses a network namespace (Operation not permitted)", "True"]


def test_a_command_that_does_not_exist_is_one_sentence() -> None:
    """Exit 3, and its name."""
    ran = sealed("--", "/no/such/program")

    assert ran.returncode == 3
    assert "/no/such/program cannot be started: No such file or directory" in ran.stderr


def test_no_command_is_said() -> None:
    """How it is used, and exit 3."""
    ran = sealed("--")

    assert ran.returncode == 3
    assert ran.stderr.startswith("usage: ")


def test_the_exit_code_is_the_command_s_own() -> None:
    """It becomes the command, so nothing stands between the two."""
    assert sealed("--", sys.executable, "-c", "raise SystemExit(7)").returncode == 7
