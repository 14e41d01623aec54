"""One read-only HTTP call, answered or explained: never an exception, and never longer than its deadline.

A timeout setting is per read, so a slow drip outlives it; the deadline here is kept by streaming the body against
the monotonic clock. The outermost exception class says nothing (httpx names refused, DNS and TLS alike), so the
innermost cause is what an `Answer` carries.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import httpx2
import msgspec

from harness.observe.snapshot import Answer

BODY_BYTES_MAX = 4 * 1024 * 1024


def get(
    client: httpx2.Client, url: str, *, headers: Mapping[str, str], params: Mapping[str, str], until_s: float
) -> Answer:
    """GET `url` before the monotonic time `until_s`; an unreachable upstream is an answer with an `error`."""
    started_s = time.monotonic()
    left_s = max(0.05, until_s - started_s)
    try:
        with client.stream("GET", url, headers=dict(headers), params=dict(params), timeout=left_s) as response:
            raw = _read(response, until_s)
            took_s = time.monotonic() - started_s
            return _answer(url, response, raw, took_s)
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, TimeoutError) as error:
        cause = innermost(error)
        return Answer(url=url, latency_s=time.monotonic() - started_s, error=f"{type(cause).__name__}: {cause}")


def _read(response: httpx2.Response, until_s: float) -> bytes:
    chunks = []
    size = 0
    for chunk in response.iter_bytes():
        chunks.append(chunk)
        size += len(chunk)
        if time.monotonic() > until_s:
            raise TimeoutError(f"the body was still coming after {size} bytes when the deadline passed")
        if size > BODY_BYTES_MAX:
            raise OSError(f"the body is larger than {BODY_BYTES_MAX} bytes")
    return b"".join(chunks)


def _answer(url: str, response: httpx2.Response, raw: bytes, latency_s: float) -> Answer:
    try:
        body: Any = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        body = None
    table = body if isinstance(body, dict) else {}
    message = (
        table.get("message") or table.get("msg") or ("" if body is not None else raw[:200].decode("utf-8", "replace"))
    )
    return Answer(
        url=url,
        status=response.status_code,
        latency_s=latency_s,
        code=str(table.get("code", "")),
        message=str(message),
        body=body,
        headers={name.lower(): value for name, value in response.headers.items()},
    )


def innermost(error: BaseException) -> BaseException:
    """The cause at the bottom of a chain of exceptions."""
    seen: set[int] = set()
    while id(error) not in seen:
        seen.add(id(error))
        deeper = error.__cause__ or error.__context__
        if deeper is None:
            break
        error = deeper
    return error
