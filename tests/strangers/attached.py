"""The ugly stranger as its owner has it: a folder of its own, attached to the harness by a `bot.toml` beside it."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from tests.strangers.prepare import interpreter

UGLY = Path(__file__).parent / "ugly"
PYTHON_LINE = 'python = ".venv/bin/python"'


def deployed(folder: Path, toml: str = "") -> Path:
    """Put the stranger into `folder` with `toml` (its own, if empty) beside it; the path of that `bot.toml`.

    Raises `NotPrepared` where its environment is missing and cannot be built.
    """
    python = interpreter()
    root = folder / "omega"
    shutil.copytree(UGLY, root, ignore=shutil.ignore_patterns("__pycache__", "*.log"))
    # The field's way to leave a key lying about; the lab must neither read nor copy it.
    (root / ".env").write_text("APCA_API_KEY_ID=PKREAL\nAPCA_API_SECRET_KEY=real\n", encoding="ascii")
    text = toml or (UGLY / "bot.toml").read_text(encoding="utf-8")
    assert PYTHON_LINE in text
    path = root / "bot.toml"
    path.write_text(text.replace(PYTHON_LINE, f'python = "{python}"'), encoding="utf-8")
    return path


def tree_hash(folder: Path) -> str:
    """One hash over every path, mode and byte below `folder`."""
    told = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        body = path.read_bytes() if path.is_file() else b""
        told.update(f"{path.relative_to(folder)} {path.stat().st_mode:o} {len(body)}\n".encode() + body)
    return told.hexdigest()


def line_of(condition: str, source: str) -> int:
    """The number of the only line of `source` that holds `condition`, counted from one."""
    found = [number for number, line in enumerate(source.splitlines(), 1) if condition in line]
    assert len(found) == 1, f"{condition!r} stands on lines {found}"
    return found[0]
