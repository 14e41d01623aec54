"""What the tests of the poison cabinet share: a ledger of their own, a venue's socket, a patient."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.wire.proxy import WireProxy
from chaos.wire.server import ToxiproxyServer
from tests.chaos.patient import Patient
from tests.chaos.upstream import Upstream


@pytest.fixture(autouse=True)
def ledger_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads or writes the user's own ledger."""
    path = tmp_path / "faults" / "ledger.jsonl"
    monkeypatch.setenv("CHAOS_LEDGER", str(path))
    return path


@pytest.fixture(scope="session", autouse=True)
def no_server_of_others() -> Iterator[None]:
    """These tests start and kill servers of their own, whatever TOXIPROXY_URL says."""
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("TOXIPROXY_URL", raising=False)
        yield


@pytest.fixture
def patient() -> Iterator[Patient]:
    with Patient() as started:
        yield started


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream() as started:
        yield started


@pytest.fixture(scope="module")
def server() -> Iterator[ToxiproxyServer]:
    with ToxiproxyServer() as started:
        yield started


@pytest.fixture
def proxy(server: ToxiproxyServer, upstream: Upstream, request: pytest.FixtureRequest) -> Iterator[WireProxy]:
    made = server.proxy(request.node.name, upstream=f"127.0.0.1:{upstream.port}")
    yield made
    server.delete(made)
