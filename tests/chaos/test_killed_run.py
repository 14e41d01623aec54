"""A run that is killed with faults in place, and what `python -m chaos.lift` makes of it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chaos.identity import STOPPED, Life, identify
from chaos.ledger import Ledger
from chaos.wire.api import Api, Unreachable
from tests.chaos.patient import Patient

_RUN = """
import sys
from contextlib import ExitStack
from pathlib import Path
from chaos.faults import age_json_field, descriptor_limit, empty, file_size_limit, pause, remove, write_file
from chaos.wire.server import ToxiproxyServer

folder, pid = Path(sys.argv[1]), int(sys.argv[2])
with ExitStack() as faults:
    server = faults.enter_context(ToxiproxyServer())
    proxy = server.proxy("venue", upstream="127.0.0.1:9")
    faults.enter_context(proxy.toxic("latency", latency=1000))
    faults.enter_context(proxy.down())
    faults.enter_context(remove(folder / "removed.json"))
    faults.enter_context(empty(folder / "emptied.json"))
    faults.enter_context(age_json_field(folder / "aged.json", "at", by_s=3600))
    faults.enter_context(write_file(folder / "FREEZE", "halted"))
    faults.enter_context(write_file(folder / "FREEZE", "halted twice"))
    faults.enter_context(file_size_limit(pid, bytes_max=0))
    faults.enter_context(descriptor_limit(pid))
    faults.enter_context(pause(pid))
    print(server.pid, server.api.url, flush=True)
    input()
"""


@pytest.mark.needs("toxiproxy")
def test_a_sweep_lifts_everything_that_a_killed_run_left(tmp_path: Path, patient: Patient) -> None:
    """After SIGKILL eleven faults stand; one sweep gives back every file, the process and the network, once."""
    folder = tmp_path / "bot"
    folder.mkdir()
    files = {name: json.dumps({"at": "2026-11-25T14:30:00Z", "name": name}) for name in ("removed", "emptied", "aged")}
    for name, text in files.items():
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
    run = subprocess.Popen(
        [sys.executable, "-c", _RUN, str(folder), str(patient.pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    server_pid, url = run.stdout.readline().split()
    server = identify(int(server_pid))
    run.send_signal(signal.SIGKILL)
    run.communicate()
    struck = identify(patient.pid).state(), sorted(path.name for path in folder.iterdir())

    lift = [sys.executable, "-m", "chaos.lift"]
    first = subprocess.run(lift, capture_output=True, text=True, check=False, timeout=60)
    second = subprocess.run(lift, capture_output=True, text=True, check=False, timeout=60)

    assert struck == (STOPPED, ["FREEZE", "aged.json", "emptied.json"])
    assert first.returncode == 0, first.stdout + first.stderr
    assert len([line for line in first.stdout.splitlines() if line.startswith("lifted: ")]) == 11
    assert second.stdout == "no fault stands: nothing to lift\n"
    assert {path.stem: path.read_text(encoding="utf-8") for path in folder.iterdir()} == files
    assert patient.write(folder / "cache.json", 4096) == "done"
    assert server.life() is Life.GONE
    with pytest.raises(Unreachable):
        Api(url).version()
    assert Ledger().standing() == []
    assert list(Ledger().copies.iterdir()) == []
