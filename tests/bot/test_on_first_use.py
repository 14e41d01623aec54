"""The SDK's heavy library stays out of every start, and is there for whoever uses it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bot.clients.on_first_use import loaded_on_first_use

LATE = """
import sys
import bot.equities.loop
import alpaca.trading.requests as requests

before = "pandas.core" in sys.modules
since = requests.pd.Timestamp("2026-12-01").date()
print(before, since, "pandas.core" in sys.modules)
"""


def test_a_process_that_trades_starts_without_pandas() -> None:
    """The loop imports the SDK; pandas is loaded by the SDK's own first use of it, and not before."""
    ran = subprocess.run([sys.executable, "-c", LATE], capture_output=True, text=True, check=True)

    assert ran.stdout.split() == ["False", "2026-12-01", "True"]


def test_a_library_that_is_missing_is_missed_at_once() -> None:
    """A start with half an installation fails at its import, as ever."""
    with pytest.raises(ModuleNotFoundError, match="no_such_library"), loaded_on_first_use("no_such_library"):
        __import__("no_such_library")


def test_outside_of_the_block_imports_are_as_ever() -> None:
    """Nothing of ours stays among the finders."""
    before = list(sys.meta_path)
    with loaded_on_first_use("pandas"):
        inside = list(sys.meta_path)

    assert inside[1:] == before
    assert sys.meta_path == before
