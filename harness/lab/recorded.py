"""What the deployment's own state says that the account holds: the simulated account is seeded from it.

A row is `symbol: {quantity, price}`, `symbol: quantity`, or an entry of a list that names its symbol; the names of the
fields stand in `bot.toml`. A row that says no usable quantity is left out: the bot's own checks will meet it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from harness.deployment import Deployment
from harness.deployment.schema import FileTable
from harness.observe.files import field, parse
from harness.services.plain_file import read_plain
from harness.vocabulary.roles import File


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One recorded position: shares or contracts (negative: short), and its average price where it says one."""

    symbol: str
    quantity: Decimal
    price: Decimal | None


def recorded_positions(deployment: Deployment) -> tuple[Recorded, ...]:
    """The positions that the deployment records now; none where it has no such file, or one that cannot be read."""
    table = deployment.toml.files.get(File.POSITIONS)
    if table is None:
        return ()
    try:
        content, _ = parse(read_plain(deployment.root / table.path))
    except OSError:
        return ()  # a bot that has never traded has no record of it
    held = field(content, table.entries) if table.entries else content
    return tuple(one for symbol, row in _rows(held, table) if (one := _read(symbol, row, table)) is not None)


def _rows(held: Any, table: FileTable) -> Iterator[tuple[Any, Any]]:
    if isinstance(held, dict):
        yield from ((symbol, row) for symbol, row in held.items() if symbol != table.metadata)
    elif isinstance(held, list):
        yield from ((row.get(table.symbol), row) for row in held if isinstance(row, dict))


def _read(symbol: Any, row: Any, table: FileTable) -> Recorded | None:
    quantity = _number(row.get(table.quantity) if isinstance(row, dict) else row)
    price = _number(row.get(table.price)) if isinstance(row, dict) else None
    if not isinstance(symbol, str) or not symbol or not quantity:
        return None
    return Recorded(symbol=symbol, quantity=quantity, price=price if price is not None and price > 0 else None)


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
