"""FP-3.2: as many positions are open as may be, in the bot's record and at the venue alike."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from pathlib import Path

from chaos.effect import NoEffect
from chaos.faults.file_write import write_file
from harness.canary.hold import trading_held
from harness.canary.watch import cycles_done
from harness.lab.bench import Bench
from harness.vocabulary.roles import File, Limit

SHARES = 1
SETTLED_CYCLES = 2
"""The cycle that was under way may still compare the old record with the new book; the next one sees both as they
are."""
SETTLED_WITHIN_S = 5.0


@contextmanager
def fault(bench: Bench) -> Iterator[Path]:
    """Open one share each of as many symbols as the limit allows; close them at the venue at the end.

    The running loop reconciles record and venue all the time, so it is held while the two change together.
    """
    venue, account, path = bench.world.at_venue(), bench.world.account, bench.path(File.POSITIONS)
    wanted = int(bench.deployment.limits[Limit.OPEN_POSITIONS])
    canary = bench.deployment.toml.canary.symbols
    prices = {
        symbol: Decimal(str(bench.world.mid_price(symbol)))
        for symbol in [symbol for symbol in venue.market.universe if symbol not in canary][:wanted]
    }
    now_s = bench.clock.now()
    record = {
        symbol: {"qty": float(SHARES), "avg_price": float(price), "opened_at": now_s}
        for symbol, price in prices.items()
    }
    with ExitStack() as stack:
        try:
            with trading_held(bench):
                for symbol, price in prices.items():
                    venue.seed_position(account, symbol, SHARES, price)
                stack.enter_context(write_file(path, json.dumps({"schema": 1, "positions": record})))
            _settle(bench)
            if len(venue.positions(account)) < wanted:
                raise NoEffect(f"the venue holds {len(venue.positions(account))} positions, not {wanted}")
            yield path
        finally:
            with trading_held(bench):
                for symbol in prices:
                    venue.seed_position(account, symbol, 0, Decimal(1))
                stack.close()


def _settle(bench: Bench) -> None:
    """Let the running loop look at both, once more than it may have begun to."""
    before = cycles_done(bench)
    if before is not None:
        bench.wait(lambda: (cycles_done(bench) or 0) >= before + SETTLED_CYCLES, SETTLED_WITHIN_S)
