"""Looking at the data provider: one cheap read-only call that needs the same key and spends one request.

Unusual Whales: GET /api/option-trades/flow-alerts?limit=1 with a bearer token (source: its OpenAPI document, 2026-08).
"""

from __future__ import annotations

import time

import httpx2

from harness.observe.access import Endpoint
from harness.observe.calls import get
from harness.observe.snapshot import ProviderFacts
from harness.vocabulary import Seen


def look_at_provider(client: httpx2.Client, endpoint: Endpoint, now_s: float, deadline_s: float) -> ProviderFacts:
    """What the provider answers to the bot's own key."""
    answer = get(
        client,
        endpoint.url + "/api/option-trades/flow-alerts",
        headers={"Authorization": f"Bearer {endpoint.token}"},
        params={"limit": "1"},
        until_s=time.monotonic() + deadline_s,
    )
    return ProviderFacts(reach=Seen(answer, now_s))
