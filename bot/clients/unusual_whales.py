"""Unusual Whales, as far as this bot needs it: flow alerts of all tickers and the recent dark-pool prints.

Bearer token; both answers are `{"data": [...]}`, newest first. The API ignores unknown parameters and answers 200 with
everything, so the rows are checked and not only the status (https://api.unusualwhales.com/docs).
"""

from __future__ import annotations

from typing import Any

import msgspec
import requests

from bot.clients.errors import ContractBroken, innermost, transport_failure
from bot.clients.replies import refusal, told
from bot.clients.transport import hardened_session

Row = dict[str, Any]

FLOW_ALERTS = "/api/option-trades/flow-alerts"
DARKPOOL_RECENT = "/api/darkpool/recent"


class UnusualWhales:
    """One session to the provider. Every method raises CallFailed, and ends within the total deadline."""

    def __init__(self, base_url: str, token: str, *, connect_s: float, read_s: float, total_s: float) -> None:
        self._base_url = base_url
        self._session = hardened_session(base_url, connect_s=connect_s, read_s=read_s, total_s=total_s)
        self._session.headers.update({"Authorization": f"Bearer {token}", "Accept": "application/json"})

    def __repr__(self) -> str:
        return f"UnusualWhales({self._base_url!r})"

    def flow_alerts(self, *, limit: int = 200) -> list[Row]:
        """The newest option-flow alerts over all tickers, newest first; at most 200."""
        return self._rows(FLOW_ALERTS, {"limit": limit})

    def darkpool_recent(self, *, limit: int = 200) -> list[Row]:
        """The newest off-exchange prints over all tickers, newest first; at most 200."""
        return self._rows(DARKPOOL_RECENT, {"limit": limit})

    def close(self) -> None:
        """Give the connections back."""
        self._session.close()

    def _rows(self, path: str, params: dict[str, int]) -> list[Row]:
        try:
            response = self._session.get(self._base_url + path, params=params, allow_redirects=False)
        except requests.RequestException as error:
            raise transport_failure(error, call=path) from error
        if response.status_code != 200:
            raise refusal(path, response.status_code, told(response), response.headers)
        try:
            return msgspec.json.decode(response.content, type=_Envelope).data
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            sentence = f"{path} answered 200, but its body is no list of rows under 'data': {innermost(error)}"
            raise ContractBroken(sentence, call=path, status=200) from error


class _Envelope(msgspec.Struct):
    data: list[Row]
