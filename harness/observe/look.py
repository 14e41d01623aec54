"""One look at a bot: all sources side by side, each within its deadline, read-only."""

from __future__ import annotations

import concurrent.futures
import functools
import ssl

import httpx2

from harness.deployment import Deployment
from harness.observe.access import Access
from harness.observe.files import look_at_files
from harness.observe.host import look_at_host
from harness.observe.provider import look_at_provider
from harness.observe.services import look_at_services
from harness.observe.snapshot import ProviderFacts, Snapshot, VenueFacts
from harness.observe.venue import look_at_venue
from harness.vocabulary import Unseen
from harness.vocabulary.roles import Upstream


@functools.cache
def _tls() -> ssl.SSLContext:
    """Reading the machine's certificates costs more than a look on loopback, so it is done once."""
    return httpx2.create_ssl_context(trust_env=False)


def look(deployment: Deployment, access: Access) -> Snapshot:
    """Observe `deployment` through `access`. Never raises for what it finds: a fact is seen, or says why not."""
    now_s = access.now()
    # trust_env off: a proxy or a certificate bundle in our environment is not the bot's.
    with httpx2.Client(trust_env=False, verify=_tls()) as client, concurrent.futures.ThreadPoolExecutor(2) as pool:
        venue = pool.submit(_venue, client, access, now_s)
        provider = pool.submit(_provider, client, access, now_s)
        files = look_at_files(deployment, now_s)
        services = look_at_services(deployment, dict(access.services), now_s)
        return Snapshot(
            now_s=now_s,
            files=files,
            services=services,
            venue=venue.result(),
            provider=provider.result(),
            host=look_at_host(deployment, now_s),
            limits=deployment.limits,
        )


def _venue(client: httpx2.Client, access: Access, now_s: float) -> VenueFacts | None:
    endpoint = access.endpoints.get(Upstream.VENUE)
    if endpoint is not None:
        return look_at_venue(client, endpoint, now_s, access.deadline_s)
    why = access.closed.get(Upstream.VENUE)
    if why is None:
        return None
    unseen = Unseen(why)
    return VenueFacts(reach=unseen, account=unseen, positions=unseen, session_open=unseen)


def _provider(client: httpx2.Client, access: Access, now_s: float) -> ProviderFacts | None:
    endpoint = access.endpoints.get(Upstream.PROVIDER)
    if endpoint is not None:
        return look_at_provider(client, endpoint, now_s, access.deadline_s)
    why = access.closed.get(Upstream.PROVIDER)
    return None if why is None else ProviderFacts(reach=Unseen(why))
