"""Files survive what happens to disks and processes."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import stat
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from bot.durable.atomic import sweep_unfinished, write_atomically, write_fully
from bot.durable.lines import append_line, drop_torn_tail, read_lines
from bot.durable.state_file import (
    Document,
    StateCorrupt,
    StateMissing,
    StateSchemaUnknown,
    move_aside,
    read_state,
    write_state,
)

ROOT = Path(__file__).parents[2]


class Book(Document, kw_only=True):
    entries: dict[str, float]


BOOK = msgspec.json.Decoder(Book)


def _child(source: str, *arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", source, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False, **options)  # type: ignore[call-overload, no-any-return]


def test_a_written_file_is_private_and_alone(tmp_path: Path) -> None:
    """A replaced file has the new bytes, mode 0600, and no draft beside it."""
    target = tmp_path / "book.json"
    target.write_bytes(b"old")
    write_atomically(target, b"new")

    assert target.read_bytes() == b"new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["book.json"]


@pytest.mark.needs("mount_namespace")
def test_a_full_disk_leaves_the_old_file_and_no_draft(tmp_path: Path) -> None:
    """When the file system is full, the write fails with ENOSPC, the old bytes stand, and the draft is gone."""
    source = (
        "import sys, errno, pathlib; from bot.durable.atomic import write_atomically\n"
        "folder = pathlib.Path(sys.argv[1]); target = folder / 'book.json'\n"
        "write_atomically(target, b'old')\n"
        "try: write_atomically(target, bytes(1 << 20))\n"
        "except OSError as error: print(errno.errorcode[error.errno])\n"
        "print(target.read_bytes().decode(), sorted(entry.name for entry in folder.iterdir()))\n"
    )
    script = 'mount -t tmpfs -o size=64k tmpfs "$1" && exec "$2" -c "$3" "$1"'
    mapped = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    command = ["unshare", *mapped, "--mount", "sh", "-c", script, "sh", str(tmp_path), sys.executable, source]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)

    assert (done.stdout, done.stderr) == ("ENOSPC\nold ['book.json']\n", "")


def test_a_file_size_limit_is_a_failed_write_too(tmp_path: Path) -> None:
    """A write that the kernel cuts short (EFBIG) leaves the old bytes and no draft."""
    source = (
        "import sys, pathlib, resource, signal; from bot.durable.atomic import write_atomically\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "target = pathlib.Path(sys.argv[1])\n"
        "try: write_atomically(target, bytes(10_000))\n"
        "except OSError as error: print(type(error).__name__)\n"
    )
    target = tmp_path / "book.json"
    target.write_bytes(b"old")
    done = _child(source, target)

    assert (done.stdout, done.stderr) == ("OSError\n", "")
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 4096


_WRITE_ONCE = (
    "import sys, pathlib; from bot.durable.atomic import write_atomically\n"
    "write_atomically(pathlib.Path(sys.argv[1]), b'new' * 10_000)\n"
)


@pytest.mark.needs("strace")
@pytest.mark.parametrize("call", ["write", "fsync", "rename"])
def test_a_writer_killed_at_any_call_leaves_the_old_file(tmp_path: Path, call: str) -> None:
    """SIGKILL at write, fsync or rename: the old file is whole, and the next start sweeps the draft left behind."""
    target = tmp_path / "book.json"
    target.write_bytes(b"old" * 10_000)
    inject = f"inject={call}:signal=SIGKILL:when=1"
    command = ["strace", "-f", "-qq", "-o", str(tmp_path.parent / f"{tmp_path.name}.strace")]
    # -B: the interpreter writes no bytecode, so that the first such call is ours.
    command += ["-e", f"trace={call}", "-e", inject, sys.executable, "-B", "-c", _WRITE_ONCE, str(target)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)

    assert done.returncode in {-signal.SIGKILL, 128 + signal.SIGKILL}
    assert target.read_bytes() == b"old" * 10_000
    assert len(sweep_unfinished(tmp_path)) == 1
    assert list(tmp_path.iterdir()) == [target]


def test_a_sweep_spares_the_drafts_of_the_living(tmp_path: Path) -> None:
    """A draft whose writer is gone is removed; one of a living process and any other file stay."""
    dead = _child("import os; print(os.getpid())").stdout.strip()
    mine = tmp_path / f".book.json.{os.getpid()}.0123abcd.tmp"
    for entry in (mine, tmp_path / f".book.json.{dead}.0123abcd.tmp", tmp_path / "notes.tmp"):
        entry.touch()
    gone = sweep_unfinished(tmp_path)

    assert [entry.name for entry in gone] == [f".book.json.{dead}.0123abcd.tmp"]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted([mine.name, "notes.tmp"])


def test_a_short_write_is_continued(tmp_path: Path) -> None:
    """Every byte arrives although the pipe takes them in parts."""
    reading, writing = os.pipe()
    data = os.urandom(300_000)
    if (pid := os.fork()) == 0:
        os.close(reading)
        write_fully(writing, data)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        received = pipe.read()
    os.waitpid(pid, 0)

    assert received == data


def test_state_comes_back_as_it_was_written(tmp_path: Path) -> None:
    """A sealed file is read back equal, and carries its checksum."""
    path = tmp_path / "book.json"
    write_state(path, Book(schema=1, entries={"AAPL": 7.0}), sealed=True)

    assert read_state(path, BOOK, schema=1).entries == {"AAPL": 7.0}
    assert len(json.loads(path.read_bytes())["sha256"]) == 64


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda raw: raw[: len(raw) // 2], id="truncated"),
        pytest.param(lambda raw: b"", id="empty"),
        pytest.param(lambda raw: b"\x00" * len(raw), id="zeroed"),
        pytest.param(lambda raw: raw.replace(b"7.0", b"8.0"), id="changed"),
        pytest.param(lambda raw: raw.replace(b"7.0", b"NaN"), id="nan"),
        pytest.param(lambda raw: raw.replace(b'"AAPL"', b'"\xff\xfe"'), id="not-utf8"),
        pytest.param(lambda raw: raw.replace(b'"entries"', b'"entry"'), id="renamed-key"),
        pytest.param(lambda raw: b"[1, 2]", id="wrong-shape"),
        pytest.param(lambda raw: b"[" * 100_000, id="nested-too-deep"),
    ],
)
def test_damaged_state_is_called_corrupt(tmp_path: Path, damage: object) -> None:
    """Whatever happened to the bytes, the reader raises StateCorrupt and names the file."""
    path = tmp_path / "book.json"
    write_state(path, Book(schema=1, entries={"AAPL": 7.0}), sealed=True)
    assert callable(damage)
    path.write_bytes(damage(path.read_bytes()))

    with pytest.raises(StateCorrupt, match=re.escape(str(path))):
        read_state(path, BOOK, schema=1)


def test_a_newer_schema_and_a_missing_file_are_told_apart_from_damage(tmp_path: Path) -> None:
    """A file of another version is left alone; a missing one is missing."""
    path = tmp_path / "book.json"
    path.write_bytes(b'{"schema": 2, "anything": true}')

    with pytest.raises(StateSchemaUnknown, match="schema 2, this version knows schema 1"):
        read_state(path, BOOK, schema=1)
    with pytest.raises(StateMissing, match="is missing"):
        read_state(tmp_path / "other.json", BOOK, schema=1)


def test_a_file_moved_aside_twice_keeps_both(tmp_path: Path) -> None:
    """The corrupt bytes are kept under a name of their own each time, and the replacement stands."""
    path = tmp_path / "book.json"
    kept = []
    for corrupt in (b"first", b"second"):
        path.write_bytes(corrupt)
        kept.append(move_aside(path, replacement=b"{}"))

    assert [entry.read_bytes() for entry in kept] == [b"first", b"second"]
    assert all(entry.name.startswith("book.json.corrupt.") for entry in kept)
    assert path.read_bytes() == b"{}"


def test_a_torn_last_line_counts_as_never_written(tmp_path: Path) -> None:
    """A line without its newline is dropped, and the next one starts cleanly."""
    path = tmp_path / "log.jsonl"
    append_line(path, {"n": 1}, sync=True)
    with path.open("ab") as file:
        file.write(b'{"n": 2')
    torn = read_lines(path)
    assert torn.torn_at is not None
    drop_torn_tail(path, torn.torn_at)
    append_line(path, {"n": 3}, sync=True)

    assert torn.objects == ({"n": 1},)
    assert [msgspec.json.decode(line) for line in path.read_bytes().splitlines()] == [{"n": 1}, {"n": 3}]


def test_a_broken_line_is_reported_by_number(tmp_path: Path) -> None:
    """The lines around a broken one are still read."""
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'{"n": 1}\nnot json\n[3]\n{"n": 4}\n')
    lines = read_lines(path)

    assert lines.objects == ({"n": 1}, {"n": 4})
    assert lines.unreadable == (2, 3)
