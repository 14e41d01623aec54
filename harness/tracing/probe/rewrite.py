"""The import hook: modules that match are compiled from their rewritten source; nothing on disk is written.

A module that cannot be rewritten is run as it is, and a note says so.
"""

from __future__ import annotations

import ast
import fnmatch
import sys
from collections.abc import Iterable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType
from typing import Any

from . import nodes, record, sites, words
from .door import stand
from .functions import Module
from .scope import Source


def install(
    modules: Sequence[str], mode: str = "gates", names: Iterable[str] | None = None, orders: Iterable[str] = ()
) -> None:
    """Rewrite these modules when they are imported: exact names, or prefixes such as `bot.*` (the package included).

    `mode`: "exits" records what ends a signal's path; "gates" also every passed gate, lineage and collections.
    `names`: those whose lineage may be asked for; the fewer, the cheaper (None: any). `orders`: functions and methods
    that send an order though their names do not say so.
    Raises ValueError for another mode. Modules that are already imported stay as they are; a note names them.
    """
    if mode not in ("exits", "gates"):
        raise ValueError(f"the probe's mode is 'exits' or 'gates', not {mode!r}")
    record.MODE["mode"] = mode
    words.ORDERS.update(orders)
    stand()
    finder = Finder(tuple(modules), mode, frozenset(names) if names is not None else None)
    for name in sorted(sys.modules):
        if finder.wants(name):
            record.NOTES.append(f"{name} was imported before the probe and is not traced")
    sys.meta_path.insert(0, finder)


def uninstall() -> None:
    """Take all finders of the probe out again; modules that were rewritten stay so."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, Finder)]


def compiled(source: str | bytes, file: str, mode: str = "gates", names: frozenset[str] | None = None) -> CodeType:
    """The code of a module from its rewritten source. Raises SyntaxError as `compile` does."""
    tree: Any = compile(source, file, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    text = source if isinstance(source, str) else source.decode("utf-8", "replace")
    prefix = "_sp_"
    while prefix in text:
        prefix = f"_s{prefix}"
    Module(Source(file=file, prefix=prefix, gates=mode == "gates", names=names)).visit(tree)
    nodes.locate(tree)
    code: CodeType = compile(tree, file, "exec", dont_inherit=True)
    return code


class Finder(MetaPathFinder):
    """Finds what the other finders find, and swaps the loader of the modules that are traced."""

    def __init__(self, patterns: tuple[str, ...], mode: str, names: frozenset[str] | None = None) -> None:
        self._patterns = patterns
        self._mode = mode
        self._names = names

    def wants(self, name: str) -> bool:
        """Whether a module is to be traced."""
        return any(
            name == pattern.removesuffix(".*") or fnmatch.fnmatchcase(name, pattern) for pattern in self._patterns
        )

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec that the next finders give, with our loader where the module is plain source."""
        if not self.wants(fullname):
            return None
        for finder in sys.meta_path:
            find: Any = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find(fullname, path, target) if find and not isinstance(finder, Finder) else None
            if spec is not None:
                if type(spec.loader) is SourceFileLoader:
                    spec.loader = Loader(fullname, spec.loader.path, self._mode, self._names)
                return spec
        return None


class Loader(SourceFileLoader):
    """Loads one module from rewritten source; no byte code is read or written."""

    def __init__(self, fullname: str, path: str, mode: str, names: frozenset[str] | None = None) -> None:
        super().__init__(fullname, path)
        self._mode = mode
        self._names = names

    def get_code(self, fullname: str) -> CodeType | None:
        """The rewritten code; the module's own when it cannot be rewritten."""
        data = self.get_data(self.path)
        known = len(sites.SITES)
        try:
            return compiled(data, self.path, self._mode, self._names)
        except SyntaxError:
            sites.forget(known)
        except Exception as error:  # noqa: BLE001 - a flaw of the probe must not keep a bot from starting
            sites.forget(known)
            record.NOTES.append(f"{fullname} could not be traced: {type(error).__name__}: {error}")
        code: CodeType = compile(data, self.path, "exec", dont_inherit=True)
        return code
