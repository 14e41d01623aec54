"""The flow cache between the daemon that fetches and the loop that trades.

    {"_metadata": {"last_update": <unix s>, "polls": n, "symbols": n, "schema": 1},
     "AAPL": {"flow": [<rows as the provider sent them>], "darkpool": [...]}, ...}

It holds what the provider said in the newest poll and nothing older, so its age is one number: `last_update`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from bot.durable.atomic import write_atomically

SCHEMA = 1
METADATA = "_metadata"
FUTURE_TOLERANCE_S = 5.0
"""Clocks of two processes on one host agree, and so do those of one venue; anything further ahead is a defect."""

Rows = list[dict[str, Any]]


class SymbolRows(msgspec.Struct, kw_only=True):
    """What the provider said about one symbol, newest first."""

    flow: Rows = msgspec.field(default_factory=list)
    darkpool: Rows = msgspec.field(default_factory=list)


class Metadata(msgspec.Struct, kw_only=True):
    """When the rows were fetched (unix seconds), and how many polls and symbols that were."""

    last_update: float
    polls: int = 0
    symbols: int = 0
    schema: int = SCHEMA


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowCache:
    """A cache that may be traded on."""

    last_update: float
    symbols: dict[str, SymbolRows]


class CacheUnusable(Exception):
    """No signal may be read from the cache. `label`, `value` and `limit` are for the decisions log."""

    def __init__(self, label: str, sentence: str, *, value: float | int | str | None, limit: float | int | str) -> None:
        super().__init__(sentence)
        self.label, self.value, self.limit = label, value, limit


def load_cache(path: Path, *, max_age_s: float, now: float | None = None) -> FlowCache:
    """Read the cache and refuse one that is missing, empty, damaged, stale, or stamped in the future.

    Raises CacheUnusable.
    """
    now = time.time() if now is None else now
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CacheUnusable("cache_missing", f"{path}: {error}", value=str(error), limit="a readable file") from None
    if not raw.strip():
        raise CacheUnusable("cache_empty", f"{path} is empty", value=0, limit=1)
    metadata, symbols = _parse(path, raw)
    age_s = now - metadata.last_update
    if age_s > max_age_s:
        raise CacheUnusable("cache_stale", f"{path} is {age_s:.0f} s old", value=age_s, limit=max_age_s)
    if age_s < -FUTURE_TOLERANCE_S:
        sentence = f"{path} is stamped {-age_s:.0f} s in the future"
        raise CacheUnusable("cache_from_the_future", sentence, value=age_s, limit=-FUTURE_TOLERANCE_S)
    if not symbols:
        raise CacheUnusable("no_symbols", f"{path} holds no symbol", value=0, limit=1)
    return FlowCache(last_update=metadata.last_update, symbols=symbols)


def _parse(path: Path, raw: bytes) -> tuple[Metadata, dict[str, SymbolRows]]:
    try:
        table = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        metadata = msgspec.json.decode(table.pop(METADATA), type=Metadata)
        if metadata.schema != SCHEMA:
            sentence = f"{path} has schema {metadata.schema}"
            raise CacheUnusable("cache_schema", sentence, value=metadata.schema, limit=SCHEMA)
        return metadata, {symbol: msgspec.json.decode(rows, type=SymbolRows) for symbol, rows in table.items()}
    except KeyError:
        raise CacheUnusable("cache_corrupt", f"{path} has no {METADATA}", value=None, limit=METADATA) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise CacheUnusable("cache_corrupt", f"{path}: {error}", value=str(error), limit="JSON") from None


def save_cache(path: Path, symbols: dict[str, SymbolRows], *, polls: int, now: float) -> None:
    """Replace the cache in one step. Raises OSError."""
    metadata = Metadata(last_update=now, polls=polls, symbols=len(symbols))
    write_atomically(path, msgspec.json.encode({METADATA: metadata, **symbols}))
