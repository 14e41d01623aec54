"""The data below `toxiproxy/` agrees with the code, and holds no code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from chaos.wire.release import BUILT_IMAGE, VERSION
from chaos.wire.server import ToxiproxyServer

DATA = Path(__file__).parents[2] / "toxiproxy"


def test_the_pin_is_the_version_that_is_built() -> None:
    """`toxiproxy/VERSION` and the code name one version."""
    assert (DATA / "VERSION").read_text(encoding="ascii").strip() == VERSION


def test_nothing_there_hides_the_library() -> None:
    """A Python file in that folder could be imported in place of toxiproxy-python."""
    assert [path.name for path in DATA.rglob("*.py")] == []


def test_the_compose_file_stays_on_loopback() -> None:
    """Its API listens on loopback, its image is the one that can be made here, and its proxies are the example's."""
    (service,) = yaml.safe_load((DATA / "compose.yaml").read_text(encoding="utf-8"))["services"].values()

    assert BUILT_IMAGE in service["image"]
    assert service["network_mode"] == "host"
    assert "-host=127.0.0.1" in service["command"]
    assert any("proxies.json" in volume for volume in service["volumes"])


def test_the_example_listens_and_leads_to_loopback_only() -> None:
    """No proxy of the example can carry a packet off the machine."""
    proxies = json.loads((DATA / "proxies.json").read_text(encoding="utf-8"))

    assert {address.rpartition(":")[0] for one in proxies for address in (one["listen"], one["upstream"])} == {
        "127.0.0.1"
    }
    assert len({one["listen"] for one in proxies}) == len(proxies) > 0


@pytest.mark.needs("toxiproxy")
def test_the_server_takes_the_example() -> None:
    """Each proxy of the example is one that the real server makes (on free ports, so that nobody is in the way)."""
    proxies = json.loads((DATA / "proxies.json").read_text(encoding="utf-8"))
    with ToxiproxyServer() as server:
        made = [server.proxy(one["name"], upstream=one["upstream"]).upstream for one in proxies]

    assert made == [one["upstream"] for one in proxies]
