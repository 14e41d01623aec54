"""Where this project keeps things between runs: built binaries and the ledger of faults.

Source: XDG Base Directory Specification (`XDG_CACHE_HOME`, else `~/.cache`).
"""

from __future__ import annotations

import os
from pathlib import Path


def cache_dir() -> Path:
    """The project's folder in the user's cache; it need not exist yet.

    A relative `XDG_CACHE_HOME` is ignored, as the specification asks.
    """
    named = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(named) if Path(named).is_absolute() else Path.home() / ".cache"
    return base / "signal-to-order"
