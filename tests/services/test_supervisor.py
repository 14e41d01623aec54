"""A real supervisord: what it says of each state, and what it does when asked."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.deployment import load
from harness.lab.bench import Bench, bench
from harness.services import ServiceFailed, SupervisorPort
from harness.vocabulary.roles import Service
from tests.canary.attached import attached
from tests.lab.leftovers import until

ROLE = Service.TRADING_LOOP


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Bench]:
    """A control bot whose loop runs under the lab's supervisord."""
    with bench(attached(tmp_path, "trades_rightly", loop=True)) as made:
        yield made


def test_a_running_service_has_a_pid(running: Bench) -> None:
    """RUNNING, and a process of that pid."""
    said = running.services.port.look(ROLE)

    assert said.state == "running"
    assert said.pid is not None
    assert Path(f"/proc/{said.pid}").exists()


def test_a_killed_service_is_failed_and_stays_down(running: Bench) -> None:
    """Nothing restarts it by itself in the lab."""
    os.kill(running.pid(ROLE), signal.SIGKILL)

    assert until(lambda: running.services.port.look(ROLE).state == "failed")
    assert running.services.port.look(ROLE).pid is None


def test_stop_start_and_restart_may_be_asked_twice(running: Bench) -> None:
    """A service that is there already, or gone already, is no error; a restart gives another process."""
    port, first = running.services.port, running.pid(ROLE)
    port.stop(ROLE)
    port.stop(ROLE)
    stopped = port.look(ROLE).state
    port.start(ROLE)
    port.start(ROLE)
    second = running.pid(ROLE)
    port.restart(ROLE)

    assert stopped == "stopped"
    assert len({first, second, running.pid(ROLE)}) == 3


def test_an_unknown_service_is_named(running: Bench) -> None:
    """supervisord's own word for it."""
    with pytest.raises(ServiceFailed, match=r"supervisord refuses getProcessInfo\(nobody\): BAD_NAME"):
        running.services.port.look("nobody")


def test_no_supervisord_at_all_is_one_sentence(tmp_path: Path) -> None:
    """The path of the socket is in it."""
    with pytest.raises(ServiceFailed, match=f"supervisord at {tmp_path}/none.sock does not answer"):
        SupervisorPort(str(tmp_path / "none.sock")).look("bot")


def test_a_command_that_does_not_exist_is_said_at_the_start(tmp_path: Path) -> None:
    """The lab cannot be made, and the service is named."""
    deployment = attached(tmp_path, "trades_rightly", loop=True)
    text = deployment.toml_path.read_text(encoding="utf-8").replace('"{python}"', '"/no/such/python"')
    deployment.toml_path.write_text(text, encoding="utf-8")

    with pytest.raises(ServiceFailed, match="trading_loop"), bench(load(deployment.toml_path)):
        pass
