"""The bot of `canary_bot`, imported once for each module that calls it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.tracing.host import CanaryHost
from tests.tracing_host.bots import hosted
from tests.tracing_host.canary_bot import BOT


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CanaryHost]:
    with hosted(tmp_path_factory.mktemp("host"), BOT) as host:
        yield host
