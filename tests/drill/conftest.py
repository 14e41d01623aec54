"""A place for each drill."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaos.ledger import Ledger
from tests.drill.command import Place


@pytest.fixture
def place() -> Iterator[Place]:
    """Short on purpose: the path of a unix socket has room for 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="drill-", ignore_cleanup_errors=True) as folder:
        scratch = Path(folder) / "s"
        scratch.mkdir()
        yield Place(scratch=scratch, ledger=Ledger(Path(folder) / "ledger.jsonl"))
