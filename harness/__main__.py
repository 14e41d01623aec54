"""`python -m harness`: the command line."""

import signal
import sys

ASKED_BY = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
HEARD = [number for number in ASKED_BY if signal.getsignal(number) is not signal.SIG_IGN]

if __name__ == "__main__":
    early: list[int] = []
    for number in HEARD:
        signal.signal(number, lambda signalled, _: early.append(signalled))  # heard once everything is imported
    from harness.cli import main

    code = main(interrupted=bool(early))
    for number in HEARD:
        signal.signal(number, signal.SIG_IGN)  # nothing is left to take down, and the exit code stands
    sys.exit(code)
