"""A library that is loaded when it is first used, for the ones that an SDK imports and the bot never touches.

alpaca-py 0.44 imports pandas for a single call, the portfolio history: half of the start, and half of the memory, of
every process that trades.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType


@contextmanager
def loaded_on_first_use(*libraries: str) -> Iterator[None]:
    """Inside this block an import of these top-level libraries only notes them; their first use loads them.

    A library that is missing raises ModuleNotFoundError at once. Source: Python's `importlib.util.LazyLoader`.
    """
    finder = _Finder(frozenset(libraries))
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Finder(MetaPathFinder):
    def __init__(self, libraries: frozenset[str]) -> None:
        self._libraries = libraries

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target) if fullname in self._libraries else None
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec
