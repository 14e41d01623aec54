"""Refusals and broken connections, sorted by what may be done next."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests
import responses
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.clients.alpaca import Alpaca
from bot.clients.errors import (
    Ambiguous,
    AuthRefused,
    CallFailed,
    ContractBroken,
    DuplicateId,
    EntitlementMissing,
    NotFound,
    NotSent,
    RateLimited,
    Rejected,
    Transient,
    innermost,
    transport_failure,
)
from bot.clients.replies import refusal, stated_wait_s
from bot.clients.unusual_whales import UnusualWhales
from bot.orders.ticket import bracket
from bot.settings import Settings

VENUE = "http://127.0.0.1:9"
TICKET = bracket("AAPL", "buy", 7, 190.0, signal="s", profit_share=0.04, loss_share=0.02)


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (401, '{"message": "unauthorized."}', AuthRefused),
        (401, "<html>401 Authorization Required</html>", AuthRefused),
        (403, '{"message": "forbidden."}', AuthRefused),
        (
            403,
            '{"code": 42210000, "message": "subscription does not permit querying recent SIP data"}',
            EntitlementMissing,
        ),
        (403, '{"code": "historic_data_access_missing", "message": "The earliest date..."}', EntitlementMissing),
        (403, '{"code": 40310000, "message": "insufficient buying power", "buying_power": "10"}', Rejected),
        (403, '{"code": 40310000, "message": "potential wash trade detected. use complex orders"}', Rejected),
        (404, '{"code": 40410000, "message": "order not found"}', NotFound),
        (404, "<html>no such page</html>", Transient),
        (422, '{"code": 40010001, "message": "client_order_id must be unique"}', DuplicateId),
        (
            422,
            '{"code": 42210000, "message": "sub-penny increment does not fulfill minimum pricing criteria"}',
            Rejected,
        ),
        (429, '{"code": 42910000, "message": "rate limit exceeded"}', RateLimited),
        (500, "Something went wrong", Transient),
        (502, "<html>Bad Gateway</html>", Transient),
        (504, "", Transient),
        (408, "", Transient),
        (302, "", Transient),
    ],
)
def test_status_code_and_message_decide_together(status: int, text: str, kind: type[CallFailed]) -> None:
    """The same 403 is a bad key, a missing plan or too little money."""
    assert type(refusal("GET /v2/x", status, text, {})) is kind


@given(st.integers(300, 599), st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_no_body_breaks_the_sorting(status: int, text: str) -> None:
    """Whatever a proxy answers, the result is one of our errors, and it names the call."""
    error = refusal("GET /v2/x", status, text.encode("utf-8", "replace").decode(), {})

    assert isinstance(error, CallFailed)
    assert str(error).startswith(f"GET /v2/x answered {status}")


def test_the_stated_wait_is_read_in_its_own_unit() -> None:
    """Seconds, unix seconds and milliseconds; nonsense counts as not said."""
    assert stated_wait_s({"retry-after": "7"}) == 7.0
    assert stated_wait_s({"x-ratelimit-reset": str(time.time() + 30)}) == pytest.approx(30, abs=1)
    assert stated_wait_s({"x-uw-req-per-minute-reset": "1500"}) == 1.5
    assert stated_wait_s({"retry-after": "soon"}) is None
    assert stated_wait_s({"retry-after": "nan"}) is None
    assert stated_wait_s({}) is None


def test_a_refused_connection_was_never_sent_and_says_so() -> None:
    """Nothing listens on the port: the error is NotSent, and its sentence holds the innermost cause."""
    with pytest.raises(requests.ConnectionError) as caught:
        requests.get(VENUE, timeout=1)
    error = transport_failure(caught.value, call="POST /v2/orders")

    assert type(error) is NotSent
    assert "Connection refused" in str(error)
    assert isinstance(innermost(caught.value), ConnectionRefusedError)


def test_an_older_failure_does_not_make_this_one_harmless() -> None:
    """A reset while somebody handles an older refused connection is a reset: it may have reached the venue."""

    def reset_while_handling_another() -> None:
        try:
            requests.get(VENUE, timeout=1)
        except requests.ConnectionError:
            raise requests.ConnectionError(ConnectionResetError(104, "Connection reset by peer"))  # noqa: B904

    with pytest.raises(requests.ConnectionError) as caught:
        reset_while_handling_another()

    assert isinstance(caught.value.__context__, requests.ConnectionError)
    assert type(transport_failure(caught.value, call="POST /v2/orders")) is Transient


@pytest.fixture
def alpaca() -> Alpaca:
    return Alpaca(
        Settings(
            alpaca_api_key=SecretStr("PK7"),
            alpaca_secret_key=SecretStr("53cret"),
            alpaca_base_url=VENUE,
            alpaca_data_url=VENUE,
        )
    )


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ({"status": 504}, Ambiguous),
        ({"status": 500, "json": {"code": 50010000, "message": "internal server error"}}, Ambiguous),
        ({"status": 200, "body": ""}, Ambiguous),
        ({"status": 200, "body": '{"id": "3f1c'}, Ambiguous),
        ({"status": 200, "json": {"code": 40310000, "message": "insufficient buying power"}}, Ambiguous),
        ({"status": 302}, Ambiguous),
        ({"body": requests.ConnectionError(ConnectionResetError(104, "reset"))}, Ambiguous),
        ({"body": requests.ReadTimeout("read timed out")}, Ambiguous),
        ({"body": requests.ConnectTimeout("connect timed out")}, NotSent),
        ({"status": 429, "json": {"code": 42910000, "message": "rate limit exceeded"}}, RateLimited),
        ({"status": 422, "json": {"code": 40010001, "message": "client_order_id must be unique"}}, DuplicateId),
        ({"status": 403, "json": {"code": 40310000, "message": "insufficient buying power"}}, Rejected),
    ],
)
def test_a_submit_is_sent_once_and_doubt_is_called_doubt(
    alpaca: Alpaca, reply: dict[str, Any], kind: type[CallFailed]
) -> None:
    """One POST whatever comes back, also on 429 and 504, which the SDK alone would send four times."""
    with responses.RequestsMock() as wire:
        wire.post(f"{VENUE}/v2/orders", **reply)
        with pytest.raises(kind) as caught:
            alpaca.submit_bracket(TICKET, "eqd-1")

        assert type(caught.value) is kind
        assert len(wire.calls) == 1


@pytest.mark.parametrize(
    ("reply", "kind", "asked"),
    [
        ({"status": 401, "json": {"message": "unauthorized."}}, AuthRefused, 1),
        ({"status": 401, "json": {"message": "no such key: PK7 with 53cret"}}, AuthRefused, 1),
        ({"status": 200, "json": {}}, ContractBroken, 1),
        ({"status": 200, "body": ""}, ContractBroken, 1),
        ({"status": 200, "body": "null"}, ContractBroken, 1),
        ({"status": 200, "body": "<html>maintenance</html>"}, ContractBroken, 1),
        ({"status": 503, "body": "<html>maintenance</html>"}, Transient, 2),
        ({"body": requests.ConnectionError(ConnectionResetError(104, "reset"))}, Transient, 2),
    ],
)
def test_a_read_is_tried_again_only_when_that_can_help(
    alpaca: Alpaca, reply: dict[str, Any], kind: type[CallFailed], asked: int
) -> None:
    """Twice after a broken connection or 5xx, once after everything that a second try cannot change."""
    with responses.RequestsMock() as wire:
        wire.get(f"{VENUE}/v2/account", **reply)
        with pytest.raises(kind) as caught:
            alpaca.account()

        assert type(caught.value) is kind
        assert len(wire.calls) == asked
        assert not any(key in f"{caught.value}{alpaca!r}" for key in ("PK7", "53cret"))


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ({"status": 200, "json": {"totally": "wrong"}}, ContractBroken),
        ({"status": 200, "json": [1, 2]}, ContractBroken),
        ({"status": 200, "body": "<html>"}, ContractBroken),
        ({"status": 200, "body": '{"data": [{"a":' + "[" * 100_000}, ContractBroken),
        ({"status": 403, "json": {"code": "historic_data_access_missing", "message": "..."}}, EntitlementMissing),
        ({"status": 401, "body": ""}, AuthRefused),
        ({"status": 401, "json": {"message": "no such key: t0ken"}}, AuthRefused),
        ({"status": 500, "body": "Something went wrong"}, Transient),
    ],
)
def test_the_providers_refusals_are_sorted_too(reply: dict[str, Any], kind: type[CallFailed]) -> None:
    """An envelope without rows is a broken contract, not an empty market."""
    provider = UnusualWhales(VENUE, "t0ken", connect_s=1, read_s=1, total_s=1)
    with responses.RequestsMock() as wire:
        wire.get(f"{VENUE}/api/option-trades/flow-alerts", **reply)
        with pytest.raises(kind) as caught:
            provider.flow_alerts()

        assert type(caught.value) is kind
        assert "t0ken" not in f"{caught.value}{provider!r}"
