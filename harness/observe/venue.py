"""Looking at the trading venue: three read-only calls of its protocol, translated into facts.

Alpaca: GET /v2/account, /v2/clock, /v2/positions (source: Alpaca Trading API 2.0.1, `Account`, `Clock`, `Position`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

import httpx2

from harness.observe.access import Endpoint
from harness.observe.calls import get
from harness.observe.snapshot import AccountFacts, Answer, VenueFacts
from harness.vocabulary import Seen, Unseen

T = TypeVar("T")

BLOCKING_FLAGS = ("trading_blocked", "account_blocked", "trade_suspended_by_user")


def look_at_venue(client: httpx2.Client, endpoint: Endpoint, now_s: float, deadline_s: float) -> VenueFacts:
    """The account, its positions and the session, as the venue says them now."""
    until_s = time.monotonic() + deadline_s
    headers = {"APCA-API-KEY-ID": endpoint.key, "APCA-API-SECRET-KEY": endpoint.secret}

    def ask(path: str) -> Answer:
        return get(client, endpoint.url + path, headers=headers, params={}, until_s=until_s)

    account = ask("/v2/account")
    if not account.answered:
        nothing = Unseen(f"the venue could not be reached: {account.error}")
        return VenueFacts(reach=Seen(account, now_s), account=nothing, positions=nothing, session_open=nothing)
    return VenueFacts(
        reach=Seen(account, now_s),
        account=_translate(account, _account, now_s),
        positions=_translate(ask("/v2/positions"), _positions, now_s),
        session_open=_translate(ask("/v2/clock"), lambda body: bool(body["is_open"]), now_s),
    )


def _translate(answer: Answer, read: Callable[[Any], T], now_s: float) -> Seen[T] | Unseen:
    if not answer.answered:
        return Unseen(f"{answer.url}: {answer.error}")
    if answer.status != 200:
        return Unseen(f"{answer.url} answered {answer.status} {answer.message}".rstrip())
    try:
        return Seen(read(answer.body), now_s)
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        return Unseen(f"{answer.url} answered 200 with a body that is no such thing: {type(error).__name__} {error}")


def _account(body: Any) -> AccountFacts:
    return AccountFacts(
        status=str(body["status"]),
        buying_power_usd=Decimal(body["buying_power"]),
        equity_usd=Decimal(body["equity"]),
        cash_usd=Decimal(body["cash"]),
        blocked=tuple(flag for flag in BLOCKING_FLAGS if body.get(flag) is True),
    )


def _positions(body: Any) -> Mapping[str, Decimal]:
    return {row["symbol"]: Decimal(row["qty"]) for row in body}
