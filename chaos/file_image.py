"""What a file was before a fault touched it: bytes, mode, owner and times, kept beside the ledger."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import uuid
from pathlib import Path

import msgspec

ABSENT = ""


class FileImage(msgspec.Struct, frozen=True, kw_only=True):
    """A file as it was. `copy` is empty where there was no file."""

    copy: str
    digest: str
    mode: int
    uid: int
    gid: int
    modified_ns: int

    @classmethod
    def take(cls, target: Path, *, into: Path) -> FileImage:
        """Copy the file into the folder `into`, readable by its owner alone: state may hold secrets.

        Raises IsADirectoryError for a folder and PermissionError for a file that may not be read.
        """
        if not target.exists():
            return cls(copy=ABSENT, digest=ABSENT, mode=0, uid=-1, gid=-1, modified_ns=0)
        into.mkdir(mode=0o700, parents=True, exist_ok=True)
        copy = into / uuid.uuid4().hex
        facts = target.stat()
        _write_durably(copy, target.read_bytes(), mode=0o600)
        return cls(
            copy=str(copy),
            digest=cls.digest_of(copy),
            mode=facts.st_mode & 0o7777,
            uid=facts.st_uid,
            gid=facts.st_gid,
            modified_ns=facts.st_mtime_ns,
        )

    @staticmethod
    def digest_of(target: Path) -> str:
        """SHA-256 of its bytes in hex; empty when there is no such file."""
        try:
            return hashlib.sha256(target.read_bytes()).hexdigest()
        except FileNotFoundError:
            return ABSENT

    def put_back(self, target: Path) -> None:
        """Make the file what it was, in one step: a reader sees the one or the other.

        Raises OSError when the folder cannot be written or the copy is gone.
        """
        if self.copy == ABSENT:
            target.unlink(missing_ok=True)
            return
        self.swap_in(target, Path(self.copy).read_bytes())
        os.utime(target, ns=(self.modified_ns, self.modified_ns))

    def swap_in(self, target: Path, content: bytes) -> None:
        """Put other bytes there in one step, under the mode and owner that the file had (0600 where there was none)."""
        beside = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
        try:
            _write_durably(beside, content, mode=self.mode or 0o600)
            if self.copy != ABSENT and (self.uid, self.gid) != (os.geteuid(), os.getegid()):
                shutil.chown(beside, self.uid, self.gid)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)

    def forget(self) -> None:
        """Throw the copy away."""
        if self.copy != ABSENT:
            with contextlib.suppress(FileNotFoundError):  # a second lift finds it gone
                Path(self.copy).unlink()


def _write_durably(path: Path, content: bytes, *, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, mode)  # the umask does not decide about a mode that we put back
        file.write(content)
        file.flush()
        os.fsync(descriptor)
