"""A clock that jumps and a disk that is full, as processes see them."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from chaos.faults import jump
from harness.lab.clock import faketime_library
from tests.chaos.patient import Patient


@pytest.mark.needs("libfaketime")
@pytest.mark.parametrize("by_s", [3600.0, -600.0])
def test_the_wall_clock_jumps_and_the_monotonic_one_goes_on(tmp_path: Path, by_s: float) -> None:
    """A running process sees its wall clock jump and come back; its monotonic clock moves by what passed."""
    offset = tmp_path / "offset"
    offset.write_text("+1000.000\n", encoding="ascii")
    environment = {
        "LD_PRELOAD": str(faketime_library()),
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    with Patient(environment) as patient:
        before = _clocks(patient)
        with jump(offset, by_s=by_s) as offset_s:
            during = _clocks(patient)
        after = _clocks(patient)

    assert offset_s == 1000.0 + by_s
    assert during[0] - before[0] == pytest.approx(by_s, abs=5)
    assert after[0] - before[0] == pytest.approx(0, abs=5)
    assert 0 <= during[1] - before[1] < 5
    assert offset.read_text(encoding="ascii") == "+1000.000\n"


@pytest.mark.needs("libfaketime")
def test_a_clock_that_was_set_anew_meanwhile_stays(tmp_path: Path) -> None:
    """When the lab moves its clock inside the block, the lift does not move it back."""
    offset = tmp_path / "offset"
    with jump(offset, by_s=60):
        offset.write_text("+5000.000\n", encoding="ascii")

    assert offset.read_text(encoding="ascii") == "+5000.000\n"


def test_a_file_that_holds_no_offset_is_an_error(tmp_path: Path) -> None:
    """A wrong file is named, and left alone."""
    offset = tmp_path / "cache.json"
    offset.write_text("{}", encoding="ascii")

    with pytest.raises(ValueError, match="which is no offset in seconds"):
        jump(offset, by_s=60).__enter__()


def _clocks(patient: Patient) -> tuple[float, float]:
    wall_s, monotonic_s = patient.tell("clock").split()
    return float(wall_s), float(monotonic_s)


_ON_A_FULL_DISK = """
    import errno, sys
    from pathlib import Path
    from chaos.faults import full_disk
    folder = Path(sys.argv[1])
    said = []
    def write(name, size):
        try:
            (folder / name).write_bytes(bytes(size))
        except OSError as error:
            return errno.errorcode[error.errno]
        return "written"
    try:
        with full_disk(folder) as filler:
            said.append((folder / "deep" / "state.json").read_text())
            said.append((folder / "deep" / "state.json").stat().st_mode & 0o777)
            said.append(write("new", 1))
            filler.unlink()
            said.append(write("new", 1))
            raise ZeroDivisionError
    except ZeroDivisionError:
        said.append(write("cache", 1 << 20))
    said.append(sorted(path.name for path in folder.iterdir()))
    print(said)
"""


@pytest.mark.needs("mount_namespace")
def test_a_full_disk_takes_no_byte_and_can_be_read(tmp_path: Path) -> None:
    """Writes fail with ENOSPC, what is there is read, room can be made, and the block's end gives the folder back."""
    folder = tmp_path / "state"
    (folder / "deep").mkdir(parents=True)
    state = folder / "deep" / "state.json"
    state.write_text("positions", encoding="utf-8")
    state.chmod(0o640)
    expected = ["positions", 0o640, "ENOSPC", "written", "written", ["cache", "deep"]]
    done = subprocess.run(
        ["unshare", "--map-root-user", "--mount", sys.executable, "-c", textwrap.dedent(_ON_A_FULL_DISK), str(folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )

    assert done.stdout.strip() == str(expected), done.stderr
