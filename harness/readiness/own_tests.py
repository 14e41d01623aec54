"""Running the failure points' own tests, two at a time, in a process of their own that has only loopback.

pytest belongs to the tests and is not imported here; the tests leave their record, and that is what is read.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from harness.catalogue import built
from harness.failure_point import FailurePoint
from harness.readiness.identity import HARNESS
from harness.readiness.proof import ELSEWHERE, Record, read
from harness.verdict.document import Proof

DEADLINE_S = 900.0
"""Twelve points take about a minute and a half on two processors; a loaded machine gets ten times that."""
STOPS_WITHIN_S = 30.0
WORKERS = 2
LOG = "own-tests.log"
_FINISHED = re.compile(r"\[ *(\d+)%\] (PASSED|FAILED|ERROR|SKIPPED) (\S+?)::test_([^@\s]+)")
_SOME_FAILED = 1
"""pytest's exit code for a run that came to its end with failures."""


@dataclass(slots=True, kw_only=True)
class _Output:
    """What the run says: every line into the log, each finished test to whoever waits."""

    log: Path
    say: Callable[[str], None]
    last: str = ""

    def copy(self, lines: Iterator[str]) -> None:
        """Read to the end of `lines`."""
        handle = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with open(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            for line in lines:
                file.write(line)
                file.flush()
                self.last = line.strip() or self.last
                if done := _FINISHED.search(line):
                    module = done[3].removeprefix("fp_tests/").removesuffix(".py").replace("/test_", "/")
                    self.say(f"own tests: {done[1]}%, {module} {done[4]} {done[2].lower()}")


def prove(
    record: Path,
    say: Callable[[str], None],
    *,
    paths: Sequence[str] = ("fp_tests",),
    points: Sequence[FailurePoint] | None = None,
    workers: int = WORKERS,
    deadline_s: float = DEADLINE_S,
) -> Record:
    """Run the own tests below `paths` and read `record`, to which they add. `points` (all that are built, if not
    given) must have passed in this run; what did not is named in `why_not`. Raises `OSError`.
    """
    say("run the failure points' own tests")
    earlier = read(record).proofs
    why = _run(record, say, paths, workers, deadline_s)
    found = read(record)
    wanted = tuple(built().values()) if points is None else points
    ids = [point.sheet.id for point in wanted]
    missing = [one for one in ids if not _settled(found.proofs.get(one), earlier.get(one))]
    whys = [*found.why_not, *([why] if why else [])]
    if missing:
        whys.append(f"the own tests of {', '.join(missing)} did not all run")
    return replace(found, why_not=tuple(whys))


def _settled(now: Proof | None, earlier: Proof | None) -> bool:
    """Whether this run proved the point, or the record already says why not."""
    if now is None:
        return False
    return bool(now.failed or now.unverified) or now.passed_at_s != (earlier.passed_at_s if earlier else None)


def _run(record: Path, say: Callable[[str], None], paths: Sequence[str], workers: int, deadline_s: float) -> str:
    """Why the run did not come to its end; empty where it did, whatever its tests said."""
    record.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    output = _Output(log=record.with_name(LOG), say=say)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "harness.lab.egress", "--", sys.executable, "-m", "pytest", *paths]
    flags = ["-v", "--color=no", "--tb=short", "-n", str(workers), "--dist=worksteal"]
    with _started([*command, *flags], environ | {ELSEWHERE: str(record.absolute())}) as process:
        assert process.stdout is not None
        reader = threading.Thread(target=output.copy, args=(process.stdout,), name="own-tests")
        reader.start()
        try:
            process.wait(deadline_s)
        except subprocess.TimeoutExpired:
            return f"the failure points' own tests were not done after {deadline_s:g} s and were stopped: {output.log}"
        finally:
            _stop(process)
            reader.join(STOPS_WITHIN_S)
    if process.returncode in (0, _SOME_FAILED):
        return ""
    return f"the failure points' own tests could not run ({output.last}); {output.log} has it all"


@contextmanager
def _started(command: list[str], environ: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    # a group of its own: Ctrl-C reaches this process alone, which hands it on once, so that every fault is lifted
    with _interruptible():
        process = subprocess.Popen(
            command,
            cwd=HARNESS,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="backslashreplace",
            start_new_session=True,
        )
    with process:
        yield process


@contextmanager
def _interruptible() -> Iterator[None]:
    """A process started here can be interrupted, also where a shell started us in the background with SIGINT ignored.

    Source: execve(2), signals that are ignored stay so, handled ones go back to their default.
    """
    ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    if ignored and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
    else:
        yield


def _stop(process: subprocess.Popen[str]) -> None:
    """Interrupt the run if it goes on, and give it time to lift its faults."""
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGINT)
    try:
        process.wait(STOPS_WITHIN_S)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):  # it ended just now
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
