"""A process that does one thing at a time, when told to, and says how it went."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

_PROGRAM = """
import sys, time
held = []
for line in sys.stdin:
    verb, _, rest = line.strip().partition(" ")
    try:
        if verb == "write":
            path, size = rest.split()
            with open(path, "wb") as file:
                file.write(bytes(int(size)))
        elif verb == "open":
            held.append(open(rest))
        elif verb == "allocate":
            held.append(bytearray(int(rest)))
        said = f"{time.time()} {time.monotonic()}" if verb == "clock" else "done"
    except Exception as error:
        said = f"{type(error).__name__} {getattr(error, 'errno', None)}"
    print(said, flush=True)
"""


class Patient:
    """Runs while the block does. `tell` is answered by `done`, or by an error's class and number."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
        )
        self.pid = self._process.pid

    def tell(self, command: str) -> str:
        """Send one command and wait for its answer."""
        self.send(command)
        return self.answer()

    def send(self, command: str) -> None:
        """Send one command without waiting."""
        assert self._process.stdin is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()

    def answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def write(self, path: Path, size: int) -> str:
        """Have it write a file of `size` bytes."""
        return self.tell(f"write {path} {size}")

    def exit_code(self) -> int:
        """Wait for its end."""
        return self._process.wait(timeout=10)

    def __enter__(self) -> Patient:
        assert self.tell("hello") == "done"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()
