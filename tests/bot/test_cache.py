"""A cache that may not be traded on says so by its own label."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.equities import loop
from bot.equities.cache import CacheUnusable, SymbolRows, load_cache, save_cache
from bot.equities.clusters import cluster_signals
from bot.equities.enrichment import enrich
from bot.equities.rows import RowBroken, dark_print, flow_alert
from fixtures.unusual_whales import bullish_sweeps, darkpool_prints
from tests.bot.conftest import SESSION, World

NOW = SESSION.timestamp()


def written(path: Path, content: Any) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def metadata(age_s: float, **changes: Any) -> dict[str, Any]:
    return {"_metadata": {"last_update": NOW - age_s, "polls": 1, "symbols": 1, "schema": 1, **changes}}


@pytest.mark.parametrize(
    ("content", "label", "value", "limit"),
    [
        (b"", "cache_empty", 0, 1),
        (b" \n", "cache_empty", 0, 1),
        (b"{", "cache_corrupt", None, "JSON"),
        (b"\x00" * 64, "cache_corrupt", None, "JSON"),
        ({"AAPL": {"flow": []}}, "cache_corrupt", None, "_metadata"),
        ({**metadata(601), "AAPL": {}}, "cache_stale", 601, 600),
        ({**metadata(-6), "AAPL": {}}, "cache_from_the_future", -6, -5),
        ({**metadata(1, schema=2), "AAPL": {}}, "cache_schema", 2, 1),
        ({**metadata(1, last_update="now"), "AAPL": {}}, "cache_corrupt", None, "JSON"),
        ({**metadata(1), "AAPL": []}, "cache_corrupt", None, "JSON"),
        (metadata(1), "no_symbols", 0, 1),
    ],
)
def test_a_bad_cache_is_refused(tmp_path: Path, content: Any, label: str, value: float | None, limit: Any) -> None:
    """Label, value and limit; a fresh file with an old `last_update` is stale all the same."""
    path = written(tmp_path / "cache.json", content)
    with pytest.raises(CacheUnusable) as caught:
        load_cache(path, max_age_s=600, now=NOW)

    assert (caught.value.label, caught.value.limit) == (label, limit)
    assert value is None or caught.value.value == value


def test_a_missing_cache_stops_the_cycle_with_its_reason(world: World) -> None:
    """No daemon has ever run: the cycle says so and asks the venue nothing."""
    report = loop.run_cycle()
    ((label, _, limit),) = world.blocked()

    assert (label, limit, report.clusters) == ("cache_missing", "a readable file", 0)
    assert len(world.venue.script.log) == 0


def test_at_the_limit_the_cache_is_still_good(tmp_path: Path) -> None:
    """600 s is the last good age."""
    path = tmp_path / "cache.json"
    save_cache(path, {"AAPL": SymbolRows()}, polls=1, now=NOW - 600)

    assert list(load_cache(path, max_age_s=600, now=NOW).symbols) == ["AAPL"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
FLOW, PRINT = bullish_sweeps("AAPL", at=NOW)[0], darkpool_prints("AAPL", at=NOW)[0]


@given(st.sampled_from(sorted(FLOW)), json_values)
@example("has_sweep", "true")
@example("has_sweep", 1)
def test_a_flow_row_is_read_or_refused_and_never_crashes(field: str, value: Any) -> None:
    """Any field may hold anything: the row is good, or RowBroken names the field."""
    try:
        alert = flow_alert({**FLOW, field: value})
    except RowBroken as error:
        assert field in str(error)  # noqa: PT017 (the good case asserts too)
    else:
        assert alert.premium_usd >= 0
        assert field != "has_sweep" or isinstance(value, bool)


@given(st.sampled_from(sorted(PRINT)), json_values)
def test_a_print_is_read_or_refused_and_never_crashes(field: str, value: Any) -> None:
    """The same for dark-pool rows."""
    try:
        dark = dark_print({**PRINT, field: value})
    except RowBroken as error:
        assert field in str(error)  # noqa: PT017 (the good case asserts too)
    else:
        assert dark.premium_usd >= 0


def test_a_symbol_that_gives_no_cluster_says_why(tmp_path: Path) -> None:
    """One alert is no cluster, small premium is none, and a broken row is named."""
    path = tmp_path / "cache.json"
    small = bullish_sweeps("XOM", at=NOW, n=2, premium_usd=10_000)
    symbols = {
        "AAPL": SymbolRows(flow=bullish_sweeps("AAPL", at=NOW, n=1)),
        "XOM": SymbolRows(flow=small),
        "SPY": SymbolRows(flow=[{**FLOW, "strike": None}]),
    }
    save_cache(path, symbols, polls=1, now=NOW)
    told: list[tuple[str, str]] = []
    cache = load_cache(path, max_age_s=600, now=NOW)
    found = cluster_signals(
        cache, window_s=1_800, min_alerts=2, min_premium_usd=50_000, report=lambda *row: told.append(row)
    )

    assert found == []
    assert ("AAPL", "1 alerts lean bullish in the window, 2 make a cluster") in told
    assert ("XOM", "20000 USD of premium, 50000 make a cluster") in told
    assert ("SPY", f"row {FLOW['id']}: Expected `float`, got `null` - at `$.strike`") in told


def test_a_row_counts_once_and_a_print_not_after_its_cancel(tmp_path: Path) -> None:
    """The provider repeats every row and takes a print back: the cluster is as if it did not."""
    path = tmp_path / "cache.json"
    flow, prints = bullish_sweeps("AAPL", at=NOW, n=3), darkpool_prints("AAPL", at=NOW)
    taken_back = {**prints[0], "tracking_id": 7, "canceled": True}
    found = []
    told: list[tuple[str, str]] = []
    for rows in (
        SymbolRows(flow=flow, darkpool=prints),
        SymbolRows(flow=[*flow, *flow], darkpool=[taken_back, *prints, *prints]),
    ):
        save_cache(path, {"AAPL": rows}, polls=1, now=NOW)
        cache = load_cache(path, max_age_s=600, now=NOW)
        clusters = cluster_signals(
            cache, window_s=1_800, min_alerts=2, min_premium_usd=50_000, report=lambda *row: told.append(row)
        )
        found.append(enrich(clusters, cache, window_s=1_800, report=lambda *row: told.append(row)))

    assert found[0] == found[1]
    assert [cluster["count"] for cluster in found[0]] == [3]
    assert ("AAPL", f"row {flow[0]['id']}: came twice") in told


def test_a_side_that_is_rounded_up_leaves_every_trait_within_its_bounds(tmp_path: Path) -> None:
    """The ask side is a cent more than the whole: a trait above 1 would cost the signal its score."""
    path = tmp_path / "cache.json"
    rows = [
        {**row, "total_premium": "100000.00", "total_ask_side_prem": "100000.01", "total_bid_side_prem": "0"}
        for row in bullish_sweeps("AAPL", at=NOW)
    ]
    save_cache(path, {"AAPL": SymbolRows(flow=rows)}, polls=1, now=NOW)
    cache = load_cache(path, max_age_s=600, now=NOW)
    told: list[tuple[str, str]] = []
    clusters = cluster_signals(
        cache, window_s=1_800, min_alerts=2, min_premium_usd=50_000, report=lambda *row: told.append(row)
    )
    (cluster,) = enrich(clusters, cache, window_s=1_800, report=lambda *row: told.append(row))

    assert all(0 <= trait <= 1 for trait in cluster["traits"].values())
    assert told == []


def test_bearish_rows_make_a_bearish_cluster(tmp_path: Path) -> None:
    """Bought puts lean down."""
    path = tmp_path / "cache.json"
    rows = bullish_sweeps("AAPL", at=NOW, side="bearish")
    save_cache(path, {"AAPL": SymbolRows(flow=rows)}, polls=1, now=NOW)
    (cluster,) = cluster_signals(
        load_cache(path, max_age_s=600, now=NOW),
        window_s=1_800,
        min_alerts=2,
        min_premium_usd=50_000,
        report=lambda *row: None,
    )

    assert (cluster["direction"], cluster["count"], cluster["premium_usd"]) == ("bearish", 6, 2_400_000)
