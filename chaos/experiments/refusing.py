"""An upstream refuses: every request below a path is answered by a scripted refusal, and a real request shows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx2

from chaos.effect import NoEffect
from fixtures.script import Reply, Script

DEADLINE_S = 5.0


@contextmanager
def refusing(
    script: Script,
    url: str,
    path: str,
    status: int,
    body: Mapping[str, object],
    headers: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """Answer every request below `path` with `status`, `body` and `headers` while the block runs; `url` is asked as
    proof."""
    with script.rule(Reply(status, dict(body), headers or {}), path=path):
        with httpx2.Client(trust_env=False, timeout=DEADLINE_S) as client:
            answered = client.get(url + path).status_code
        if answered != status:
            raise NoEffect(f"{url}{path} answers {answered} although it was to answer {status}")
        yield
