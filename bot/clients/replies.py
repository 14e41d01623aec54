"""Sort a refusal by status, code and message. Nothing here touches a network.

Error bodies come in four shapes: `{"code", "message", ...}`, `{"message"}`, HTML of a proxy, and nothing at all
(Alpaca's trading and data hosts; alpaca-py's `APIError.code` raises on the last three, so it is not used).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import msgspec
import requests

from bot.clients.errors import (
    AuthRefused,
    CallFailed,
    DuplicateId,
    EntitlementMissing,
    NotFound,
    RateLimited,
    Rejected,
    Transient,
)

_ID_TAKEN = "client_order_id must be unique"
_KEYS = ("APCA-API-KEY-ID", "APCA-API-SECRET-KEY", "Authorization")
_PLAN_WORDS = ("subscription", "historic_data_access", "upgrade")


def body_of(text: str) -> dict[str, Any]:
    """The JSON object in `text`, or an empty one."""
    try:
        body = msgspec.json.decode(text.encode())
    except (msgspec.DecodeError, UnicodeEncodeError):
        return {}  # HTML or nothing: the status has to speak for itself
    return body if isinstance(body, dict) else {}


def told(response: requests.Response) -> str:
    """The body, without the keys that we sent: a server may repeat one in its refusal, and a refusal is logged."""
    text = response.text
    for header in _KEYS:
        key = str(response.request.headers.get(header, "")).removeprefix("Bearer ")
        text = text.replace(key, "(our key)") if key else text
    return text


def refusal(call: str, status: int, text: str, headers: Mapping[str, str]) -> CallFailed:
    """The error that a reply with this status and body means. `call` names the call for the reader."""
    body = body_of(text)
    raw_code = body.get("code")
    code = raw_code if isinstance(raw_code, int) else None
    message = str(body.get("message") or body.get("msg") or "").strip()
    sentence = (
        f"{call} answered {status}" + (f" ({raw_code})" if raw_code else "") + (f": {message}" if message else "")
    )
    if status == 429:
        return RateLimited(sentence, call=call, status=status, retry_after_s=stated_wait_s(headers))
    # A 404 without a code is a proxy's or a wrong path: it says nothing of the order that was asked for.
    if status == 408 or status >= 500 or status < 400 or (status == 404 and code is None):
        return Transient(sentence, call=call, status=status)
    said = f"{raw_code} {message}".lower()
    if status in {401, 403} and any(word in said for word in _PLAN_WORDS):
        return EntitlementMissing(sentence, call=call, status=status)
    if status == 401 or (status == 403 and code is None):
        return AuthRefused(sentence, call=call, status=status)
    if status == 404:
        return NotFound(sentence, call=call, status=status)
    kind = DuplicateId if _ID_TAKEN in message else Rejected
    extra = {key: value for key, value in body.items() if key not in {"code", "message"}}
    return kind(sentence, call=call, status=status, code=code, extra=extra)


def stated_wait_s(headers: Mapping[str, str]) -> float | None:
    """How long the venue asks us to wait.

    Retry-After in seconds (RFC 9110), X-RateLimit-Reset in unix seconds (Alpaca), x-uw-req-per-minute-reset in
    milliseconds (Unusual Whales). None where nothing readable was said.
    """
    for name, unit_s, since in (
        ("retry-after", 1.0, 0.0),
        ("x-ratelimit-reset", 1.0, time.time()),
        ("x-uw-req-per-minute-reset", 0.001, 0.0),
    ):
        try:
            wait_s = float(headers.get(name, "")) * unit_s - since
        except ValueError:
            continue  # not said, or not as a number
        if 0 <= wait_s <= 3_600:
            return wait_s
    return None
