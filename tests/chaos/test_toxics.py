"""What a client sees of each fault on the wire, through the real server."""

from __future__ import annotations

import socket
import time

import pytest

from chaos.wire.api import BadRequest
from chaos.wire.proxy import UnknownAttribute, WireProxy
from tests.chaos.upstream import REPLY, ask, connect

pytestmark = pytest.mark.needs("toxiproxy")


def _quickest_s(client: socket.socket) -> float:
    """The shortest of five round trips: a busy machine may stretch one of them, a fault stretches all."""
    taken_s = []
    for _ in range(5):
        began_s = time.monotonic()
        ask(client)
        taken_s.append(time.monotonic() - began_s)
    return min(taken_s)


def test_a_healthy_wire_changes_nothing(proxy: WireProxy) -> None:
    """Without a fault the client gets the venue's bytes, at once."""
    with connect(proxy.port) as client:
        got = ask(client)
        quick_s = _quickest_s(client)

    assert got == REPLY
    assert quick_s < 0.1


@pytest.mark.parametrize("stream", ["downstream", "upstream"])
def test_latency_delays_each_answer(proxy: WireProxy, stream: str) -> None:
    """A latency of 300 ms makes a round trip last at least 300 ms; lifted, it is quick again on the same connection."""
    with connect(proxy.port) as client:
        ask(client)
        with proxy.toxic("latency", latency=300, jitter=0, stream=stream):  # type: ignore[arg-type]
            began_s = time.monotonic()
            ask(client)
            slow_s = time.monotonic() - began_s
        quick_s = _quickest_s(client)

    assert slow_s >= 0.3
    assert quick_s < 0.1


def test_bandwidth_stretches_a_reply(proxy: WireProxy) -> None:
    """1000 bytes at 2 KB/s take longer than 0.4 s, and arrive whole."""
    with connect(proxy.port) as client, proxy.toxic("bandwidth", rate=2):
        began_s = time.monotonic()
        got = ask(client)

    assert got == REPLY
    assert time.monotonic() - began_s > 0.4


def test_timeout_zero_is_a_silent_stall(proxy: WireProxy) -> None:
    """With timeout 0 no byte comes and nothing is closed; lifting it closes the connection."""
    with connect(proxy.port, timeout_s=0.3) as client:
        with proxy.toxic("timeout", timeout=0):
            client.sendall(b"hello")
            with pytest.raises(TimeoutError):
                client.recv(1)
        client.settimeout(5.0)
        got = client.recv(1)

    assert got == b""


def test_timeout_closes_when_its_time_is_over(proxy: WireProxy) -> None:
    """With timeout 200 the connection is closed after 200 ms, without a byte."""
    with proxy.toxic("timeout", timeout=200), connect(proxy.port) as client:
        began_s = time.monotonic()
        got = ask(client)

    assert got == b""
    assert time.monotonic() - began_s >= 0.2


def test_reset_peer_resets_a_new_connection(proxy: WireProxy) -> None:
    """A connection that is made under reset_peer ends in ECONNRESET."""
    with proxy.toxic("reset_peer", timeout=0), connect(proxy.port) as client, pytest.raises(ConnectionResetError):
        ask(client)


def test_limit_data_cuts_a_reply_in_the_middle(proxy: WireProxy) -> None:
    """limit_data lets exactly so many bytes through and then closes."""
    with proxy.toxic("limit_data", bytes=400), connect(proxy.port) as client:
        got = ask(client)

    assert REPLY[:400] == got


def test_slicer_delivers_in_pieces(proxy: WireProxy) -> None:
    """Ten slices with 20 ms between them take at least 180 ms, and arrive whole."""
    with proxy.toxic("slicer", average_size=100, size_variation=0, delay=20_000), connect(proxy.port) as client:
        began_s = time.monotonic()
        got = ask(client)

    assert got == REPLY
    assert time.monotonic() - began_s >= 0.18


def test_slow_close_keeps_the_end_back(proxy: WireProxy) -> None:
    """The venue hangs up, and the client learns of it 300 ms later."""
    with proxy.toxic("slow_close", delay=300), connect(proxy.port) as client:
        began_s = time.monotonic()
        got = ask(client, b"bye")
        end = client.recv(1)

    assert got == REPLY
    assert end == b""
    assert time.monotonic() - began_s >= 0.3


def test_down_refuses_and_closes(proxy: WireProxy) -> None:
    """A wire that is down refuses new connections and ends the open ones; up again it listens on the same port."""
    with connect(proxy.port) as client:
        ask(client)
        with proxy.down():
            assert client.recv(1) == b""
            with pytest.raises(ConnectionRefusedError):
                connect(proxy.port)
    with connect(proxy.port) as client:
        got = ask(client)

    assert got == REPLY


def test_a_misspelt_attribute_is_an_error(proxy: WireProxy) -> None:
    """The server drops unknown attributes in silence; we say which one it is, and leave no toxic behind."""
    with pytest.raises(UnknownAttribute, match="no attribute latencyy; it has jitter, latency"):
        proxy.toxic("latency", latencyy=300).__enter__()

    assert proxy.toxics() == {}


def test_an_unknown_toxic_is_an_error(proxy: WireProxy) -> None:
    """A kind of toxic that the server does not know is refused in its own words."""
    with pytest.raises(BadRequest, match="invalid toxic type"):
        proxy.toxic("latencyy", latency=300).__enter__()


def test_a_standing_toxic_can_be_changed(proxy: WireProxy) -> None:
    """`change` alters the values in place, and catches a typo there, too."""
    with proxy.toxic("latency", latency=5_000) as toxic:
        proxy.change(toxic, latency=1)
        with connect(proxy.port, timeout_s=2.0) as client:
            got = ask(client)
        with pytest.raises(UnknownAttribute):
            proxy.change(toxic, jiter=1)

    assert got == REPLY


def test_toxics_lift_themselves_when_the_block_fails(proxy: WireProxy) -> None:
    """An exception in the block leaves the wire as it was before."""
    with pytest.raises(ZeroDivisionError), proxy.toxic("latency", latency=300), proxy.down():
        raise ZeroDivisionError
    with connect(proxy.port) as client:
        got = ask(client)

    assert got == REPLY
    assert proxy.toxics() == {}
