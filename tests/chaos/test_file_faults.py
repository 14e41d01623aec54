"""What a reader finds under each fault of a file, and that the file is what it was afterwards, times included."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from chaos.effect import NoEffect
from chaos.faults import (
    Damage,
    age_json_field,
    corrupt,
    empty,
    remove,
    set_json_field,
    truncate_file,
    write_file,
)
from chaos.ledger import Ledger

CONTENT = b'{"_metadata": {"last_update": "2026-11-25T14:30:00Z", "name": "4 prints"}, "BRK.B": [{"premium": 1250.5}]}'
PAST_NS = 1_700_000_000_000_000_000

Fault = Callable[[Path], AbstractContextManager[Path]]
FAULTS: dict[str, Fault] = {
    "remove": remove,
    "truncate": truncate_file,
    "empty": empty,
    "write": lambda path: write_file(path, "something else"),
    "age": lambda path: age_json_field(path, "_metadata.last_update", by_s=60),
    "set": lambda path: set_json_field(path, "_metadata.name", None),
    "corrupt": lambda path: corrupt(path, Damage.FLIP),
}


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    path = tmp_path / "cache.json"
    path.write_bytes(CONTENT)
    path.chmod(0o640)
    os.utime(path, ns=(PAST_NS, PAST_NS))
    return path


def _bytes_under(fault: AbstractContextManager[Path], path: Path) -> bytes:
    """What is there under a fault whose block fails."""
    found = b"not there"
    try:
        with fault:
            if path.exists():
                found = path.read_bytes()
            raise ZeroDivisionError
    except ZeroDivisionError:
        return found


@pytest.mark.parametrize("name", FAULTS)
def test_the_file_is_what_it_was_afterwards(cache: Path, name: str, ledger_file: Path) -> None:
    """Each fault changes the bytes, and gives back bytes, mode and time even when its block fails; no copy is left."""
    changed = _bytes_under(FAULTS[name](cache), cache)
    facts = cache.stat()

    assert changed != CONTENT
    assert cache.read_bytes() == CONTENT
    assert (facts.st_mode & 0o777, facts.st_mtime_ns) == (0o640, PAST_NS)
    assert Ledger().standing() == []
    assert list(Ledger().copies.iterdir()) == []
    assert [path.name for path in cache.parent.iterdir()] == ["cache.json", ledger_file.parent.name]


@pytest.mark.parametrize("name", FAULTS)
def test_what_was_mended_meanwhile_stays(cache: Path, name: str) -> None:
    """Where the bot or a remedy wrote the file anew inside the block, the lift does not bring the old one back."""
    with FAULTS[name](cache):
        cache.write_bytes(b"mended")

    assert cache.read_bytes() == b"mended"
    assert Ledger().standing() == []


def test_faults_upon_faults_lift_in_order(cache: Path) -> None:
    """Two faults on one file end in the file that was there before both."""
    with write_file(cache, "one"), truncate_file(cache, size_bytes=1):
        inside = cache.read_bytes()

    assert inside == b"o"
    assert cache.read_bytes() == CONTENT


def test_a_removed_file_is_gone(cache: Path) -> None:
    """Inside the block there is no such file."""
    with remove(cache):
        assert not cache.exists()


def test_truncation_keeps_the_file_that_others_have_open(cache: Path) -> None:
    """Whoever holds the file open sees it shrink: it is the same file, cut."""
    with cache.open("rb") as reader, truncate_file(cache, size_bytes=10):
        assert os.fstat(reader.fileno()).st_size == 10
        assert reader.read() == CONTENT[:10]


def test_an_empty_file_has_no_bytes(cache: Path) -> None:
    """It is there, and has no content."""
    with empty(cache):
        assert cache.stat().st_size == 0


def test_a_new_file_is_taken_away_again(tmp_path: Path) -> None:
    """A file that the fault brought is private while it is there, and is not there afterwards."""
    path = tmp_path / "FREEZE"
    with write_file(path, "halted"):
        content, mode = path.read_text(encoding="utf-8"), path.stat().st_mode & 0o777

    assert (content, mode) == ("halted", 0o600)
    assert not path.exists()


@pytest.mark.parametrize(
    ("value", "older"),
    [
        ("2026-11-25T14:30:00Z", "2026-11-25T12:30:00Z"),
        ("2026-11-25T14:30:00.250000+00:00", "2026-11-25T12:30:00.250000+00:00"),
        ("2026-11-25T09:30:00-05:00", "2026-11-25T07:30:00-05:00"),
        ("2026-11-25T14:30:00", "2026-11-25T12:30:00"),
        (1_795_617_000, 1_795_609_800),
        (1_795_617_000.5, 1_795_609_800.5),
        (1_795_617_000_000, 1_795_609_800_000),
    ],
    ids=["utc", "offset", "new_york", "naive", "seconds", "fraction", "milliseconds"],
)
def test_an_aged_field_keeps_its_form(tmp_path: Path, value: object, older: object) -> None:
    """The time is two hours older in the form that it had, the rest is untouched, and the file itself is fresh."""
    path = tmp_path / "cache.json"
    path.write_text(json.dumps({"meta": [{"at": value}], "rows": [1, 2]}), encoding="utf-8")
    os.utime(path, ns=(PAST_NS, PAST_NS))
    with age_json_field(path, "meta.0.at", by_s=7200):
        document, modified_s = json.loads(path.read_bytes()), path.stat().st_mtime

    assert document == {"meta": [{"at": older}], "rows": [1, 2]}
    assert abs(time.time() - modified_s) < 60


def test_a_key_with_a_dot_is_named_by_its_parts(cache: Path) -> None:
    """NaN can be put where a symbol has a dot in its name."""
    with set_json_field(cache, ["BRK.B", "0", "premium"], float("nan")):
        assert b'"BRK.B": [{"premium": NaN}]' in cache.read_bytes()


def test_a_field_that_is_not_there_is_an_error(cache: Path) -> None:
    """A misspelt field would be a fault that does nothing; the error says what is there."""
    with pytest.raises(KeyError, match=r"no field _metadata\.last_updated: at last_updated there is last_update, name"):
        age_json_field(cache, "_metadata.last_updated", by_s=1).__enter__()
    with pytest.raises(ValueError, match="which is no ISO 8601 time"):
        age_json_field(cache, "_metadata.name", by_s=1).__enter__()

    assert cache.read_bytes() == CONTENT


def test_one_bit_is_flipped(cache: Path) -> None:
    """FLIP changes one bit of one byte and the length of nothing."""
    with corrupt(cache, Damage.FLIP):
        damaged = cache.read_bytes()

    assert sum((a ^ b).bit_count() for a, b in zip(CONTENT, damaged, strict=True)) == 1


def test_nuls_are_as_long_as_the_file_was(cache: Path) -> None:
    """NULS leaves the size and nothing else."""
    with corrupt(cache, Damage.NULS):
        assert cache.read_bytes() == bytes(len(CONTENT))


def test_bytes_that_are_not_utf8_cannot_be_decoded(cache: Path) -> None:
    """NOT_UTF8 raises UnicodeDecodeError in a reader, not JSONDecodeError."""
    with corrupt(cache, Damage.NOT_UTF8), pytest.raises(UnicodeDecodeError):
        json.loads(cache.read_bytes())


def test_nan_takes_the_place_of_a_number_not_of_text(cache: Path) -> None:
    """NAN spares digits inside strings, and Python's json reads the document all the same."""
    with corrupt(cache, Damage.NAN):
        document = json.loads(cache.read_bytes())

    assert document["_metadata"]["name"] == "4 prints"
    assert document["BRK.B"][0]["premium"] != document["BRK.B"][0]["premium"]


def test_a_fault_that_would_change_nothing_is_an_error(cache: Path) -> None:
    """Writing what is there already proves nothing, and says so."""
    with pytest.raises(NoEffect, match="nothing would change"):
        write_file(cache, CONTENT).__enter__()

    assert list(Ledger().copies.iterdir()) == []


def test_what_is_put_aside_is_private(cache: Path) -> None:
    """State may hold secrets: its copy is for the user alone, whatever the file's own mode."""
    with empty(cache):
        (copy,) = Ledger().copies.iterdir()
        modes = copy.stat().st_mode & 0o777, copy.parent.stat().st_mode & 0o777

    assert modes == (0o600, 0o700)


def test_a_link_is_followed(cache: Path, tmp_path: Path) -> None:
    """The fault strikes the file behind a link, and the link stays a link."""
    link = tmp_path / "current.json"
    link.symlink_to(cache)
    with empty(link):
        inside = cache.read_bytes()

    assert inside == b""
    assert link.is_symlink()
    assert link.read_bytes() == CONTENT


def test_nothing_is_injected_that_cannot_be_written_down(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the ledger cannot be written the file stays as it is."""
    (tmp_path / "in the way").write_bytes(b"")
    monkeypatch.setenv("CHAOS_LEDGER", str(tmp_path / "in the way" / "ledger.jsonl"))

    with pytest.raises(NotADirectoryError):
        write_file(cache, "something else").__enter__()
    assert cache.read_bytes() == CONTENT
