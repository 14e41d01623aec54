"""A drill that somebody ends in the middle leaves no fault, no process, no proxy and no mount behind."""

from __future__ import annotations

import os
import signal

import pytest

from chaos.identity import Life
from chaos.lift_kinds import Kill, ResetLimit
from chaos.waiting import wait_until
from tests.drill.command import WITHIN_S, Place, in_the_middle, lift

pytestmark = pytest.mark.timeout(240)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(number: signal.Signals, place: Place) -> None:
    """It takes down everything by itself, says so, and ends with 3. Ctrl-C reaches its children as well."""
    with in_the_middle(place, "FP-1.3", "blocks") as process:
        stood = len(place.standing())
        if number is signal.SIGINT:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        assert process.stderr is not None
        said = process.stderr.read()
        code = process.wait()

    assert stood > 0
    assert (code, "interrupted" in said, "Traceback" in said) == (3, True, False)
    assert (place.processes(), place.folders(), place.mounts(), place.standing()) == ([], [], [], [])


def test_killed(place: Place) -> None:
    """SIGKILL: the processes die with their owner, and the sweep lifts what stands in the ledger."""
    with in_the_middle(place, "FP-1.3", "blocks") as process:
        stood = [type(entry.lift) for entry in place.standing()]
        servers = [entry.lift.process for entry in place.standing() if isinstance(entry.lift, Kill)]
        process.kill()
    ended = wait_until(lambda: place.processes() == [], within_s=WITHIN_S)
    swept = lift(place)

    assert ResetLimit in stood
    assert ended, place.processes()
    assert (swept.returncode, swept.stdout.count("lifted: ")) == (0, len(stood))
    assert (place.standing(), place.mounts()) == ([], [])
    assert [server.life() for server in servers if server.life() is Life.ALIVE] == []


@pytest.mark.needs("toxiproxy")
def test_killed_with_the_wire_down(place: Place) -> None:
    """The outage of a proxy goes with its server, and the sweep says so instead of failing."""
    with in_the_middle(place, "FP-4.1", "blocks") as process:
        down = [entry.what for entry in place.standing() if entry.fault == "down"]
        process.kill()
    ended = wait_until(lambda: place.processes() == [], within_s=WITHIN_S)
    swept = lift(place)

    assert len(down) == 2
    assert ended, place.processes()
    assert (swept.returncode, place.standing()) == (0, [])


def test_nothing_to_sweep(place: Place) -> None:
    """A second sweep finds nothing, and says that."""
    swept = lift(place)

    assert (swept.returncode, swept.stdout) == (0, "no fault stands: nothing to lift\n")
