"""The files of this project as the rules see them: what is tracked or about to be, parsed once."""

from __future__ import annotations

import ast
import functools
import io
import subprocess
import tokenize
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GENERATED = {
    ".git", ".venv", ".cache", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache",
    "reports", "build", "dist", "__pycache__",
}  # fmt: skip

STRANGERS = ("tests/strangers/ugly/", "tests/canary/control_bots/")
"""Bots as they are found in the field: other people's code, that keeps no rule of ours and is not to be changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One text file; `path` is relative to the root, with forward slashes."""

    path: str
    text: str

    @property
    def top(self) -> str:
        return self.path.partition("/")[0]

    @property
    def is_python(self) -> bool:
        return self.path.endswith(".py")

    @property
    def tree(self) -> ast.Module:
        return _parsed(self.path, self.text)

    @property
    def comments(self) -> dict[int, str]:
        """The comment of each line that has one, without its hash."""
        return _comments(self.path, self.text)

    def at(self, line: int) -> str:
        return f"{self.path}:{line}"


@functools.cache
def _parsed(path: str, text: str) -> ast.Module:
    return ast.parse(text, path)


@functools.cache
def _comments(_: str, text: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return {token.start[0]: token.string.lstrip("# ") for token in tokens if token.type == tokenize.COMMENT}


@functools.cache
def paths() -> tuple[str, ...]:
    """Every file that is tracked, or would be by `git add`; without git, every file that no command here generated."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        names = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    else:
        found = (path for path in ROOT.rglob("*") if path.is_file())
        names = [path.relative_to(ROOT).as_posix() for path in found if not GENERATED & set(path.parts)]
    return tuple(sorted(names))


@functools.cache
def texts() -> tuple[Source, ...]:
    """Every file that reads as text."""
    found = []
    for name in paths():
        if name.startswith(STRANGERS) and name.endswith(".py"):
            continue  # other people's words
        try:
            found.append(Source(path=name, text=(ROOT / name).read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue  # a picture has no words to judge
    return tuple(found)


def python(*tops: str) -> tuple[Source, ...]:
    """Every Python file of ours below the named top folders, or all of them."""
    ours = (source for source in texts() if source.is_python and not source.path.startswith(STRANGERS))
    return tuple(source for source in ours if not tops or source.top in tops)
