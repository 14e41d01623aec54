"""One read-only call: answered or explained, never an exception, and never longer than its deadline."""

from __future__ import annotations

import socket
import time
from decimal import Decimal

import httpx2
import pytest

from harness.observe.access import Endpoint
from harness.observe.calls import get
from harness.observe.provider import look_at_provider
from harness.observe.snapshot import Answer
from harness.observe.venue import look_at_venue
from harness.vocabulary import NotSeen, Unseen
from tests.observe.loopback import Answering, body, drip, flood, reset, serving, silence

DEADLINE_S = 0.5
SLACK_S = 1.5
WORDS = ("KEYKEY", "SECRET", "TOKEN")


def asked(url: str) -> tuple[Answer, float]:
    """The answer of one call, and how long it took."""
    began_s = time.monotonic()
    with httpx2.Client(trust_env=False) as client:
        answer = get(client, url, headers={}, params={}, until_s=began_s + DEADLINE_S)
    return answer, time.monotonic() - began_s


@pytest.mark.parametrize(
    ("answering", "says"),
    [(drip, "still coming"), (silence, "imed out"), (flood, "larger than")],
    ids=lambda it: getattr(it, "__name__", ""),
)
def test_a_call_ends_at_its_deadline_whatever_comes(answering: Answering, says: str) -> None:
    """A slow drip outlives every read timeout, and a flood every patience: neither outlives the deadline."""
    with serving(answering) as url:
        answer, took_s = asked(url)

    assert not answer.answered
    assert says in answer.error or "still coming" in answer.error, answer.error
    assert took_s < DEADLINE_S + SLACK_S


def test_a_refused_connection_is_named_by_its_innermost_cause() -> None:
    """Not "ConnectError: all attempts failed", but what the kernel said."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as bound:
        bound.bind(("127.0.0.1", 0))
        answer, _ = asked(f"http://127.0.0.1:{bound.getsockname()[1]}")

    assert (answer.answered, answer.error.partition(":")[0]) == (False, "ConnectionRefusedError")


def test_a_reset_is_named() -> None:
    """The venue hung up in the middle."""
    with serving(reset) as url:
        answer, _ = asked(url)

    assert "ConnectionResetError" in answer.error


def test_a_url_that_is_none_is_an_answer_too() -> None:
    """A typing error in bot.toml must not end a look."""
    answer, _ = asked("http://127.0.0.1:99999/")

    assert not answer.answered
    assert answer.error


@pytest.mark.parametrize("raw", [b"", b"<html>maintenance</html>", b"\xff\xfe", b'{"a": 1', b"NaN"])
def test_a_200_with_rubbish_in_it_is_an_answer_without_a_body(raw: bytes) -> None:
    """The status was 200; nothing in it is believed."""
    with serving(body(raw)) as url:
        answer, _ = asked(url)

    assert (answer.status, answer.body, answer.error) == (200, None, "")


def test_a_refusal_s_code_and_words_are_kept() -> None:
    """What the venue says is what an owner needs."""
    with serving(body(b'{"code": 40110000, "message": "request is not authorized"}', b"401 Unauthorized")) as url:
        answer, _ = asked(url)

    assert (answer.status, answer.code, answer.message) == (401, "40110000", "request is not authorized")


ACCOUNT = b'{"status": "ACTIVE", "buying_power": "401", "equity": "401.5", "cash": "4010", "trading_blocked": false}'


def venue(url: str) -> Endpoint:
    return Endpoint(protocol="alpaca", url=url, key=WORDS[0], secret=WORDS[1])


def test_401_dollars_are_no_refusal() -> None:
    """A status is a status, and a price that happens to be 401 is a price."""
    with serving(body(ACCOUNT)) as url, httpx2.Client(trust_env=False) as client:
        facts = look_at_venue(client, venue(url), 0.0, DEADLINE_S)

    assert facts.reach.value.status == 200
    assert facts.account.value.buying_power_usd == Decimal(401)


@pytest.mark.parametrize(
    "raw", [b"[]", b"{}", b"null", b'{"status": "ACTIVE", "buying_power": "lots", "equity": 1, "cash": 1}']
)
def test_a_venue_that_answers_something_else_is_not_seen(raw: bytes) -> None:
    """200 with a body that is no account: the account is UNKNOWN, and says what came instead."""
    with serving(body(raw)) as url, httpx2.Client(trust_env=False) as client:
        facts = look_at_venue(client, venue(url), 0.0, DEADLINE_S)

    assert isinstance(facts.account, Unseen)
    assert "200 with a body" in facts.account.why
    with pytest.raises(NotSeen):
        _ = facts.account.value


@pytest.mark.parametrize("answering", [silence, drip, reset])
def test_all_calls_to_a_venue_share_one_deadline(answering: Answering) -> None:
    """A venue that does not answer costs one deadline, not three."""
    began_s = time.monotonic()
    with serving(answering) as url, httpx2.Client(trust_env=False) as client:
        facts = look_at_venue(client, venue(url), 0.0, DEADLINE_S)
        took_s = time.monotonic() - began_s

    assert not facts.account.seen
    assert not facts.session_open.seen
    assert took_s < DEADLINE_S + SLACK_S


def test_a_provider_s_refusal_is_a_fact() -> None:
    """Seen: 403, with the provider's own words."""
    with (
        serving(body(b'{"message": "no API access"}', b"403 Forbidden")) as url,
        httpx2.Client(trust_env=False) as client,
    ):
        facts = look_at_provider(client, Endpoint(protocol="unusual-whales", url=url, token=WORDS[2]), 0.0, DEADLINE_S)

    assert (facts.reach.value.status, facts.reach.value.message) == (403, "no API access")


def test_secrets_do_not_show_in_a_repr() -> None:
    """Not in a log, not in a failed assertion."""
    shown = repr(Endpoint(protocol="alpaca", url="http://x", key=WORDS[0], secret=WORDS[1], token=WORDS[2]))

    assert [word for word in WORDS if word in shown] == []
