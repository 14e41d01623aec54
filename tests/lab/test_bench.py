"""A bench: one clock for all, no way out, and nothing left of it however it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.canary import send
from harness.deployment import load
from harness.lab.bench import bench
from harness.lab.clock import SHARED, LabClock, TimeUnknown, faketime_library, sweep_shared
from harness.lab.recorded import recorded_positions
from harness.tracing.host import HostFailed
from harness.vocabulary import Depth
from harness.vocabulary.roles import Service
from tests.canary.attached import attached
from tests.cli.running import ROOT
from tests.lab.leftovers import processes_of, scratch_place, temporary_files_in, tree_hash, until

OWNER = """
import sys, threading
from pathlib import Path
from harness.deployment import load
from harness.lab.bench import bench
with bench(load(Path(sys.argv[1])), warm=True) as made:
    made.host
    print(made.folder, flush=True)
    threading.Event().wait()
"""


@pytest.fixture
def place() -> Iterator[Path]:
    with scratch_place() as folder, temporary_files_in(folder):
        yield folder


def test_nothing_is_left_of_a_bench(tmp_path: Path, place: Path) -> None:
    """Processes, folders and ports are gone; the deployment kept every byte and every time."""
    deployment = attached(tmp_path, "trades_rightly", loop=True)
    before = tree_hash(tmp_path)
    with bench(deployment, warm=True) as made:
        send(made, "AAPL", Depth.DECIDE)
        running = processes_of(place)

    assert len(running) >= 3
    assert (processes_of(place), list(place.iterdir())) == ([], [])
    assert tree_hash(tmp_path) == before


def test_nothing_is_left_after_an_exception_inside(tmp_path: Path, place: Path) -> None:
    """A test that fails in the middle takes its bench down too."""
    deployment = attached(tmp_path, "trades_rightly", loop=True)

    with pytest.raises(RuntimeError, match="in the middle"), bench(deployment, warm=True):
        raise RuntimeError("in the middle")
    assert (processes_of(place), list(place.iterdir())) == ([], [])


def test_nothing_is_left_of_a_bench_whose_bot_does_not_import(tmp_path: Path, place: Path) -> None:
    """Warming failed in its own thread: it is said at the first use, and taken down."""
    deployment = attached(tmp_path, "trades_rightly")
    (deployment.root / "trader.py").write_text("import nothing_of_this_name\n", encoding="ascii")
    with bench(deployment, warm=True) as made, pytest.raises(HostFailed, match="nothing_of_this_name"):
        _ = made.host

    assert (processes_of(place), list(place.iterdir())) == ([], [])


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_bot_s_processes_die_with_their_owner(number: signal.Signals, tmp_path: Path, place: Path) -> None:
    """Even SIGKILL of the owner: supervisord, the loop and the canary host end by themselves."""
    deployment = attached(tmp_path, "trades_rightly", loop=True)
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(deployment.toml_path)],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(place)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert owner.stdout is not None
    with owner, owner.stdout:
        folder = owner.stdout.readline().strip()
        running = processes_of(Path(folder))
        owner.send_signal(number)
        owner.wait(20.0)

    assert len(running) >= 3
    assert until(lambda: processes_of(place) == []), processes_of(place)


def test_venue_and_bot_live_by_one_clock(tmp_path: Path) -> None:
    """Moved on an hour, the loop's own heartbeat and the venue's own clock are an hour later, and nobody waited."""
    with bench(attached(tmp_path, "trades_rightly", loop=True)) as made:
        beat = made.deployment.root / "diary" / "beat.json"
        before_s = made.clock.now()
        made.clock.advance(3600.0)
        late = made.wait(lambda: json.loads(beat.read_bytes())["at"] > before_s + 3600.0, 5.0)
        told_s = json.loads(beat.read_bytes())["at"]
        session = made.observe().at_venue().session_open

    assert late
    assert abs(told_s - made.clock.now()) < 30.0
    assert session.value is True


@pytest.mark.parametrize(
    ("at", "into_session", "open_"), [("2026-11-28", False, False), ("2026-11-28", True, True), ("", False, True)]
)
def test_the_clock_starts_in_a_session_unless_it_was_asked_otherwise(
    at: str, into_session: bool, open_: bool, tmp_path: Path
) -> None:
    """By default 30 minutes into the next one; a Saturday stays a Saturday unless it stands for the next session."""
    at_s = datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp() if at else None
    with bench(attached(tmp_path, "trades_rightly"), at_s=at_s, into_session=into_session) as made:
        session = made.observe().at_venue().session_open

    assert session.value is open_


@pytest.mark.parametrize(("at_s", "named"), [(7_226_582_400.0, "2199-01-01"), (1e15, r"1e\+15 s after 1970")])
def test_a_time_that_the_calendar_does_not_know_is_one_sentence(at_s: float, named: str, tmp_path: Path) -> None:
    """It names the day, and the days that there are; a broken cache may say any number."""
    with pytest.raises(TimeUnknown, match=f"{named} is outside the session calendar, which goes from 2024"):
        LabClock(at_s, tmp_path / "faketime")


@pytest.mark.needs("libfaketime")
def test_only_the_wall_clock_moves(tmp_path: Path) -> None:
    """A process of the bot sees the lab's time; its monotonic clock is real."""
    clock = LabClock(1_795_618_800.0, tmp_path / "faketime")
    source = "import time; print(time.time(), time.monotonic())"
    done = subprocess.run(
        [sys.executable, "-c", source], env=clock.environment(), capture_output=True, text=True, check=True
    )
    wall_s, monotonic_s = map(float, done.stdout.split())

    assert abs(wall_s - clock.now()) < 10.0
    assert abs(monotonic_s - time.monotonic()) < 10.0


def test_a_bench_never_reads_a_dot_env(tmp_path: Path) -> None:
    """The keys of the bot's processes are the lab's, and no line of `.env` reaches them."""
    deployment = attached(tmp_path, "trades_rightly", loop=True)
    (deployment.root / ".env").write_text("APCA_KEY=PKREAL\n", encoding="ascii")
    with bench(deployment) as made:
        told = Path(f"/proc/{made.pid(Service.TRADING_LOOP)}/environ").read_bytes().decode()
        copied = sorted(path.name for path in made.deployment.root.iterdir())

    assert "PKREAL" not in told
    assert "APCA_KEY=LAB" in told
    assert ".env" not in copied


def test_waiting_is_the_time_in_which_nobody_computes(tmp_path: Path) -> None:
    """A wait for nothing is counted whole; one that ends at once costs nothing."""
    with bench(attached(tmp_path, "trades_rightly")) as made:
        began_s = made.waited_s
        made.wait(lambda: False, 0.3)
        idle_s = made.waited_s - began_s
        made.wait(lambda: True, 10.0)

    assert 0.2 < idle_s < 1.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"positions": {"KO": {"qty": 3, "avg_price": 61.5}, "PEP": {"qty": "-2"}}}', {"KO": 3, "PEP": -2}),
        ('{"positions": [{"symbol": "KO", "qty": 3}, {"qty": 4}, 7]}', {"KO": 3}),
        ('{"positions": {"KO": 3, "PEP": true, "WMT": "many", "MCD": 0, "BA": {}}}', {"KO": 3}),
        ('{"positions": "none"}', {}),
        ("[]", {}),
        ("torn {", {}),
        ("", {}),
    ],
)
def test_recorded_positions_are_read_in_any_form_and_never_raise(
    text: str, expected: dict[str, int], tmp_path: Path
) -> None:
    """By symbol or as a list, with numbers or their text; what says no quantity is left out."""
    deployment = attached(tmp_path, "trades_rightly")
    toml = (
        deployment.toml_path.read_text(encoding="utf-8")
        + '\n[files.positions]\npath = "p.json"\nentries = "positions"\n'
    )
    deployment.toml_path.write_text(toml, encoding="utf-8")
    (deployment.root / "p.json").write_text(text, encoding="utf-8")

    assert {one.symbol: one.quantity for one in recorded_positions(load(deployment.toml_path))} == expected


def test_faketime_is_where_the_package_says() -> None:
    """The clock of the bot's processes is moved by a library that exists."""
    library = faketime_library()

    assert library is None or library.exists()


def test_what_a_killed_process_shared_of_its_clock_is_swept() -> None:
    """libfaketime's shared memory of a pid that is gone is removed; that of a living one stays."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    dead, alive = SHARED / f"faketime_shm_{gone.pid}", SHARED / f"faketime_shm_{os.getpid()}"
    for shared in (dead, alive):
        shared.touch()
    sweep_shared()
    left = (dead.exists(), alive.exists())
    alive.unlink()

    assert left == (False, True)
