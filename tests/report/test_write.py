"""Reports are written for their owner alone, whole or not at all, and without secrets."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from harness.report import decode, write_reports
from harness.report.redact import redact
from harness.verdict.document import Override
from tests.report import examples

KEY = "PKA7'QZ\"X2<19&/LM+end"
SECRETS = {"ALPACA_KEY": KEY, "EMPTY": "", "PIN": "1234"}


def test_files_are_for_the_owner_alone(tmp_path: Path) -> None:
    """The folder is 0700, both files are 0600, also over files that were open to all before."""
    folder = tmp_path / "deep" / "reports"
    for _ in range(2):
        paths = write_reports(examples.green(), folder)
        assert [stat.S_IMODE(path.stat().st_mode) for path in (paths.verdict, paths.readiness)] == [0o600, 0o600]
        paths.verdict.chmod(0o644)

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sorted(path.name for path in folder.iterdir()) == ["readiness.html", "verdict.json"]
    assert examples.green() == decode(paths.verdict.read_bytes())


def test_a_failed_write_leaves_the_old_report(tmp_path: Path) -> None:
    """Where the verdict cannot be put in place, its draft is gone and what stood there stands."""
    (tmp_path / "verdict.json").mkdir()

    with pytest.raises(OSError, match=r"verdict\.json"):
        write_reports(examples.green(), tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["readiness.html", "verdict.json"]


def test_no_secret_leaves(tmp_path: Path) -> None:
    """A secret in any field, as it is, quoted, escaped, encoded or cut, is told by its name alone."""
    auth = base64.b64encode(KEY.encode()).decode()
    spelt = f"{KEY} {KEY!r} {auth} PKA7%27QZ%22X2%3C19%26/LM%2Bend key={KEY[:12]}... pin 1234, but 12345"
    paths = write_reports(examples.hostile(spelt), tmp_path, secrets=SECRETS)

    for path in (paths.verdict, paths.readiness):
        text = path.read_text(encoding="utf-8")
        assert "[secret ALPACA_KEY]" in text
        assert "key=[secret ALPACA_KEY, a part]..." in text
        assert "pin [secret PIN], but 12345" in text
        assert [piece for piece in ("PKA7", "X2<19", "X2&lt;19", "X2%3C", auth[:12]) if piece in text] == []


def test_the_words_of_the_vocabulary_are_no_secrets() -> None:
    """A secret that happens to be a word of ours hides free text, and the verdict stays a verdict."""
    document = examples.green(overrides=(Override(name="K", deployment="GREEN", lab="buy", why="key"),))
    told = redact(document, {"ONE": "GREEN", "TWO": "buy"})

    assert document.verdict is told.verdict
    assert document.canaries[0].side is told.canaries[0].side
    assert (told.overrides[0].deployment, told.overrides[0].lab) == ("[secret ONE]", "[secret TWO]")


def test_without_secrets_nothing_changes() -> None:
    """Redacting with no values is no change at all."""
    document = examples.red_gate()

    assert document is redact(document, {"EMPTY": ""})
