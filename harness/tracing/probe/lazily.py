"""Patching a library at the moment somebody imports it, or at once where it is imported already.

A patch must be in place before the bot can bind a name of the library, and must not import a library that the bot
never uses. Source: Python's import system reference, "The meta path".
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from .notes import note

Patch = Callable[[ModuleType], None]

_patches: dict[str, list[Patch]] = {}


def when_imported(name: str, patch: Patch) -> None:
    """Call `patch(module)` right after module `name` was executed for the first time; now, if it was."""
    module = sys.modules.get(name)
    if module is not None:
        _apply(patch, module)
        return
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
    _patches.setdefault(name, []).append(patch)


def _apply(patch: Patch, module: ModuleType) -> None:
    try:
        patch(module)
    except Exception as error:  # noqa: BLE001 - an unknown version of a library must not stop the bot; egress guards it
        note(f"{module.__name__} could not be patched: {type(error).__name__}: {error}")


class _Finder(importlib.abc.MetaPathFinder):
    """Finds what the other finders find, and has the watched modules patched when they have run."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname not in _patches:
            return None
        for finder in list(sys.meta_path):
            if isinstance(finder, _Finder):
                continue
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _Loader(spec.loader)  # type: ignore[assignment]
                return spec
        return None


class _Loader:
    """Another loader, and the patches after it. Everything else is asked of that loader."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        made: ModuleType | None = self._loader.create_module(spec)
        return made

    def exec_module(self, module: ModuleType) -> None:
        # The library shall see the loader it would have without us.
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        for patch in _patches.pop(module.__name__, []):
            _apply(patch, module)
