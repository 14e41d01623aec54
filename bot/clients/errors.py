"""What can go wrong with a call, sorted by what the caller may do next.

An HTTP status alone does not classify: at Alpaca 403 is a bad data key, too little buying power, a wash trade and a
missing subscription. Code and message decide (Alpaca API reference, error bodies; alpaca-py `APIError`).
"""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3.exceptions


class CallFailed(Exception):
    """A call to a venue or provider failed. `label` is the word of the decisions log for it."""

    label = "call_failed"

    def __init__(self, sentence: str, *, call: str, status: int | None = None) -> None:
        super().__init__(sentence)
        self.call = call
        self.status = status


class Transient(CallFailed):
    """Likely to pass by itself: no answer in time, a reset, 5xx. A read may be tried again."""

    label = "venue_unreachable"


class NotSent(Transient):
    """No connection was made, so the request certainly never arrived."""


class RateLimited(Transient):
    """The venue wants us to wait; `retry_after_s` where it said how long."""

    label = "venue_rate_limited"

    def __init__(self, sentence: str, *, call: str, status: int | None, retry_after_s: float | None) -> None:
        super().__init__(sentence, call=call, status=status)
        self.retry_after_s = retry_after_s


class AuthRefused(CallFailed):
    """The key is wrong, or may not do this. Trying again cannot help."""

    label = "venue_auth_refused"


class EntitlementMissing(AuthRefused):
    """The key is good, but its plan does not include this data."""

    label = "venue_entitlement_missing"


class ContractBroken(CallFailed):
    """A success whose body is not what the API promises."""

    label = "venue_contract_broken"


class NotFound(CallFailed):
    """The venue knows no such thing."""

    label = "venue_not_found"


class Rejected(CallFailed):
    """The venue understood and said no. `code` is its own number, `extra` what else the body said."""

    label = "rejected_by_venue"

    def __init__(
        self, sentence: str, *, call: str, status: int | None, code: int | None, extra: dict[str, Any]
    ) -> None:
        super().__init__(sentence, call=call, status=status)
        self.code = code
        self.extra = extra


class DuplicateId(Rejected):
    """An order with this client order id exists already: ours, from an attempt whose answer was lost."""


class Ambiguous(CallFailed):
    """The order may have reached the venue. Only asking for it by its id can tell."""

    label = "submit_ambiguous"


def innermost(error: BaseException) -> BaseException:
    """Follow causes, contexts and wrapped reasons to where it really began."""
    seen: set[int] = set()
    while id(error) not in seen:
        seen.add(id(error))
        reason = getattr(error, "reason", None)
        wrapped = error.args[0] if error.args and isinstance(error.args[0], BaseException) else None
        inner = reason if isinstance(reason, BaseException) else wrapped or error.__cause__ or error.__context__
        if inner is None:
            break
        error = inner
    return error


_BEFORE_THE_FIRST_BYTE = (
    requests.ConnectTimeout,
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.NameResolutionError,
    urllib3.exceptions.ConnectTimeoutError,
    socket.gaierror,
)


def was_never_sent(error: BaseException) -> bool:
    """True when the failure happened while connecting.

    Only what the error itself wraps counts. Its `__context__` may be an older failure that somebody was just handling,
    and mistaking that one for this would send an order twice.
    """
    seen: set[int] = set()
    todo: list[BaseException | None] = [error]
    while todo:
        link = todo.pop()
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        if isinstance(link, _BEFORE_THE_FIRST_BYTE):
            return True
        reason = getattr(link, "reason", None)
        todo += [reason if isinstance(reason, BaseException) else None, link.__cause__]
        todo += [part for part in link.args if isinstance(part, BaseException)]
    return False


def transport_failure(error: BaseException, *, call: str) -> Transient:
    """Name a failure below HTTP by its innermost cause: the name that did not resolve, the port that refused."""
    cause = innermost(error)
    url = getattr(getattr(error, "request", None), "url", None)
    host = urlsplit(url).hostname if isinstance(url, str) else None
    sentence = f"{call}{f' at {host}' if host else ''}: {type(cause).__name__}: {cause}"
    return NotSent(sentence, call=call) if was_never_sent(error) else Transient(sentence, call=call)
