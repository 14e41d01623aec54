"""What an exception says, as plain data, taken at once: an exception kept alive would keep its frames alive."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_WIDTH = 240
_HERE = str(Path(__file__).parent) + os.sep


def describe(error: BaseException) -> dict[str, Any]:
    """Kind, message, where it was raised, the traced way up, and the HTTP status and path if it carries one."""
    places: list[list[Any]] = []
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        places.append([code.co_filename, step.tb_lineno, code.co_name])
        step = step.tb_next
    own = [place for place in places if not place[0].startswith(_HERE)] or places
    return {
        "id": id(error),
        "kind": type(error).__name__,
        "message": _message(error),
        "at": own[-1][:2] if own else ["", 0],
        "way": own[:12] + own[-12:] if len(own) > 24 else own,
        "http": _http(error),
    }


def current() -> BaseException | None:
    """The exception that is being handled."""
    return sys.exc_info()[1]


def _message(error: BaseException) -> str:
    """The arguments, shown without calling a `__str__` that the bot wrote."""
    try:
        if type(type(error).__str__) is type(BaseException.__str__):
            return _short(str(error))
        return _short(", ".join(repr(part) for part in error.args if type(part) in (str, int, float, bool, type(None))))
    except Exception:  # noqa: BLE001 - a message that cannot be shown is only less to read
        return ""


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _WIDTH else text[: _WIDTH - 3] + "..."


def _http(error: BaseException) -> str:
    """`401 from /v2/account`, from the exception or what it was made of (requests, httpx, urllib, aiohttp, SDKs)."""
    seen: BaseException | None = error
    for _ in range(4):
        if seen is None:
            return ""
        status = _number(seen, "status_code", "status", "code", "http_status")
        response = _quiet(seen, "response")
        if status is None and response is not None:
            status = _number(response, "status_code", "status")
        if status is not None and 100 <= status < 600:
            path = _path(seen, response)
            if path or type(_quiet(seen, "code")) is not int:  # `code` alone may be a number of the bot's own
                return f"{status} from {path}" if path else str(status)
        seen = seen.__cause__ or seen.__context__
    return ""


def _path(error: BaseException, response: Any) -> str:
    for holder in (response, _quiet(error, "request"), _quiet(error, "request_info"), error):
        for name in ("url", "real_url"):
            url = _quiet(holder, name)
            if url is not None:
                return urlsplit(str(url)).path
    return ""


def _quiet(holder: Any, name: str) -> Any:
    try:
        return getattr(holder, name, None)
    except Exception:  # noqa: BLE001 - properties of SDK exceptions may raise; then there is nothing to read
        return None


def _number(holder: Any, *names: str) -> int | None:
    for name in names:
        value = _quiet(holder, name)
        if type(value) is int:
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return int(value)
    return None
