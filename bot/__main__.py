"""`python -m bot init | daemon | run | heartbeat | once`: one process each, and they share only files."""

from __future__ import annotations

import argparse
import sys

from bot.settings import SettingsError
from bot.stopping import AlreadyRunning, Stop


def main(arguments: list[str] | None = None) -> int:
    """Run one process of the bot. Exit codes: 0 ended as asked, 2 could not start; a crash keeps its traceback."""
    parser = argparse.ArgumentParser(prog="python -m bot", description="A reference trading bot, on paper only.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("init", help="make state/ from the defaults, if there is none")
    commands.add_parser("daemon", help="keep the option-flow cache fresh")
    commands.add_parser("run", help="trade: one cycle after the other")
    commands.add_parser("heartbeat", help="watch the other two and write state/health.json")
    commands.add_parser("once", help="fetch the flow once, run one cycle, and end")
    command = parser.parse_args(arguments).command
    try:
        return _run(command)
    except (SettingsError, AlreadyRunning) as error:
        print(f"bot {command}: {error}", file=sys.stderr)
    except OSError as error:
        print(f"bot {command}: {error.strerror or error}: {error.filename or ''}".rstrip(": "), file=sys.stderr)
    return 2


def _run(command: str) -> int:
    """Import only what the command needs: the daemon and the heartbeat do without the venue's SDK."""
    stop = Stop()
    stop.install()
    if command == "init":
        return _init()
    if command == "daemon":
        from bot.equities import daemon

        daemon.run(stop)
    elif command == "heartbeat":
        from bot import supervisor

        supervisor.run(stop)
    elif command == "run":
        from bot.equities import loop

        loop.run(stop)
    else:
        from bot.equities import daemon, loop

        with loop.alone() as desk:
            daemon.feed()
            report = loop.run_cycle(desk)
        print(f"{report.clusters} clusters, {len(report.submitted)} orders, {report.duration_s:.2f} s")
    return 0


def _init() -> int:
    from bot.home import find_home, prepare

    home = find_home()
    made = prepare(home, anew=True)
    print(f"{home.state} {'made from the defaults' if made else 'exists already, nothing was changed'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
