"""FP-4.3: the account at the venue has almost no buying power left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

from chaos.effect import NoEffect
from harness.lab.bench import Bench

LEFT_USD = Decimal(40)


@contextmanager
def fault(bench: Bench) -> Iterator[None]:
    """Leave 40 US dollars of cash in the bot's account, and put the rest back at the end."""
    venue, account_id = bench.world.at_venue(), bench.world.account
    account = venue.account(account_id)
    taken = account.cash - LEFT_USD
    account.cash -= taken
    try:
        if account.cash != LEFT_USD:
            raise NoEffect(f"the account still has {account.cash} USD")
        yield
    finally:
        account.cash += taken
