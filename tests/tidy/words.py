"""Rules about words: names that say nothing, hosts of registries, paths of one machine."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.tidy.sources import Source

# joined here, so that this file does not hold what it looks for
EMPTY = tuple("".join(pair) for pair in (("man", "ager"), ("hel", "per"), ("ut", "il"), ("compre", "hensive")))
ENDS = tuple("".join(pair) for pair in (("fi", "nal"), ("abso", "lute")))
PROSE = re.compile(rf"\b({'|'.join(EMPTY)}|{'|'.join(ENDS)})s?\b", re.IGNORECASE)
# terms of the trade that are nobody's choice of words
ALLOWED = re.compile(
    rf"(service|context|process|package|password) {EMPTY[0]}s?|{ENDS[1]} (path|URL|value|import)s?"
    rf"|`[^`]*`|typing\.\w+",
    re.IGNORECASE,
)
REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("proxy", "golang", "org"),
        ("npmjs", "org"),
        ("crates", "io"),
        ("docker", "io/"),
        ("ghcr", "io"),
        ("quay", "io"),
        ("deb", "debian", "org"),
        ("repo1", "maven", "org"),
    )
)
MACHINE = re.compile(r"(?<![\w.])/(root|work|Users|home/\w+|opt/\w+)(/|\b)")
LOCK_FILES = ("uv.lock", "pylock.toml", "poetry.lock", "Pipfile.lock")


def empty_names(source: Source) -> Iterator[str]:
    """No name of ours is a word that says nothing."""
    for part in re.split(r"[/._]", source.path):
        if part.removesuffix("s") in EMPTY + ENDS:
            yield f"{source.path} is named {part}"
    for line, name in _bound(source.tree):
        words = {word.lower().removesuffix("s") for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)}
        if words & {*EMPTY, *ENDS}:
            yield f"{source.at(line)} {name}: name what it does"


def _bound(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Each name that this file itself gives, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.attr


def empty_prose(source: Source) -> Iterator[str]:
    """No sentence of ours leans on a word that says nothing."""
    for line, text in _prose(source):
        for found in PROSE.finditer(ALLOWED.sub("", text)):
            yield f"{source.at(line)} says {found.group(0)!r}"


def _prose(source: Source) -> Iterator[tuple[int, str]]:
    if source.path.endswith(".md"):
        yield from enumerate(source.text.splitlines(), 1)
    if not source.is_python:
        return
    yield from source.comments.items()
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            said = ast.get_docstring(node)
            if said:
                yield getattr(node, "lineno", 1), said


def registry_hosts(source: Source) -> Iterator[str]:
    """Where packages come from is the machine's business: no host of a registry stands here."""
    for number, line in enumerate(source.text.splitlines(), 1):
        for host in REGISTRIES:
            if host in line:
                yield f"{source.at(number)} names the registry {host}"


def machine_paths(source: Source) -> Iterator[str]:
    """No path of one machine stands here."""
    for number, line in enumerate(source.text.splitlines(), 1):
        found = MACHINE.search(line)
        if found:
            yield f"{source.at(number)} names {found.group(0)}, a path of one machine"


WORDS = (registry_hosts, machine_paths)
