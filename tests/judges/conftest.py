"""One bench for the whole session, and what was recorded on it."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from chaos.capabilities import probe
from chaos.wire.server import ToxiproxyServer
from chaos.wire.toxiproxy_wire import ToxiproxyWire
from harness.deployment import load
from harness.lab.bench import bench
from harness.lab.ports import DirectWire, Wire
from tests.judges.recorded import EXPECTED, Recorded, record

BOT = Path(__file__).resolve().parents[2] / "bot" / "bot.toml"


@pytest.fixture(scope="session")
def recorded() -> Recorded:
    """Real snapshots; where there is no Toxiproxy the one of FP-4.1 is missing, and its tests are UNVERIFIED."""
    with ExitStack() as stack:
        wire: Wire = DirectWire()
        ids = tuple(EXPECTED)
        if probe("toxiproxy").present:
            wire = ToxiproxyWire(stack.enter_context(ToxiproxyServer()))
        else:
            ids = tuple(point_id for point_id in ids if point_id != "FP-4.1")
        made = stack.enter_context(bench(load(BOT), wire=wire, clean=True))
        return record(made, ids)
