"""The terminal that results are printed on, or the file or pipe in its place."""

from __future__ import annotations

from rich.console import Console

_WIDTH_MIN = 40
"""Some terminals and CI runners say that they are 0 columns wide, and then nothing at all would be printed."""


def screen() -> Console:
    """Standard output, as wide as it says it is, but never so narrow that words are torn to letters."""
    found = Console(highlight=False)
    return found if found.width >= _WIDTH_MIN else Console(highlight=False, width=_WIDTH_MIN)
