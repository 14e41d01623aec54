"""Change one file, and put back what was there."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from chaos.effect import NoEffect
from chaos.file_image import ABSENT, FileImage
from chaos.ledger import Ledger, standing
from chaos.lift_kinds import LiftFailed, Restore

Act = Callable[[Path, FileImage], None]


@contextmanager
def changed(fault: str, path: Path, content: bytes | None, act: Act | None = None) -> Iterator[Path]:
    """The file holds `content` (None: is not there) while the block runs; then it is what it was, times included.

    Where somebody has written it anew meanwhile, theirs stays: a fault that was healed is not healed again. Without
    `act` the new content is swapped in as a new file, so a reader never sees half of it. A link is followed.
    Yields the file itself. Raises OSError, and NoEffect when the file was rewritten at once.
    """
    target = path.resolve()
    before = FileImage.take(target, into=Ledger().copies)
    left = ABSENT if content is None else hashlib.sha256(content).hexdigest()
    try:
        if left == before.digest:
            raise NoEffect(f"{target} holds already what the fault would write: nothing would change")
        with standing(fault, f"{fault} of {target}", Restore(path=str(target), before=before, left_digest=left)):
            if act is not None:
                act(target, before)
            elif content is None:
                target.unlink()
            else:
                before.swap_in(target, content)
            if FileImage.digest_of(target) != left:
                raise NoEffect(f"{target} was rewritten at once: stop or pause its writer before this fault")
            yield target
    except LiftFailed:
        raise  # its bytes are still needed
    except BaseException:
        before.forget()
        raise


def content_of(path: Path) -> bytes:
    """Its bytes. Raises FileNotFoundError with a way out."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise FileNotFoundError(f"{path} is not there: let the bot write it before this fault") from None
