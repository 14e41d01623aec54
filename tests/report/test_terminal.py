"""The terminal tells the same story in lines: with or without colour, wide or narrow, in UTF-8 or in ASCII."""

from __future__ import annotations

import dataclasses
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from harness.canary.from_cache import CacheRun, Fate, Group
from harness.report import print_canary, print_verdict
from harness.report.terminal_cache import print_cache_run
from harness.report.terminal_check import print_check
from harness.verdict.document import Document, Proof, Reason
from harness.vocabulary import Colour, Outcome
from tests.report import examples, pieces

EVERY = {
    "green": examples.green,
    "yellow": examples.yellow,
    "gate": examples.red_gate,
    "roots": examples.red_roots,
    "orders": examples.red_two_orders,
    "hostile": examples.hostile,
}


def told(document: Document, *, width: int = 110, colour: bool = False) -> str:
    """What a terminal of that width would show."""
    out = io.StringIO()
    print_verdict(
        document,
        Console(file=out, width=width, force_terminal=colour, color_system="standard" if colour else None),
        report=Path("reports/readiness.html"),
    )
    return out.getvalue()


def explained(width: int = 140) -> str:
    """`canary --explain` of the canary that the score stopped."""
    out = io.StringIO()
    print_canary(pieces.blocked_by_score(), Console(file=out, width=width, color_system=None))
    return out.getvalue()


def test_the_blocker_is_told_with_value_limit_place_and_way_out() -> None:
    """Value against limit, file and line, what lets it through and the playbook stand in the box."""
    text = told(examples.red_gate())

    for part in ("RED", "0.17 < 3.00", "bot/equities/decide.py:88", "passes with", "score >= 3.00", "1. Read state"):
        assert part in text


def test_one_line_per_gate() -> None:
    """A gate's line is its stage, label, value against limit, verdict and place."""
    text = told(examples.green())

    assert re.search(r"score +score_below_threshold +3\.82 >= 3\.00 +passed +decide\.py:88", text)
    assert re.search(r"venue to loop +no gate +passed", text)


@pytest.mark.parametrize("width", [78, 80, 110])
def test_names_and_places_of_gates_stay_whole(width: int) -> None:
    """A terminal of the usual width breaks values, never a gate's name or its line."""
    lines = told(examples.red_gate(), width=width).splitlines()

    for name, place in (("score_below_threshold", "decide.py:88"), ("cluster_size", "decide.py:44")):
        assert any(name in line and line.rstrip().endswith(place) for line in lines)
    assert any("spread_known" in line for line in lines)


def test_the_gate_that_stopped_it() -> None:
    """Its line says by how much, what it needs, and the cause underneath; later stages were not reached."""
    text = told(examples.red_gate(), width=160)

    assert re.search(
        r"✕ +score +score_below_threshold +0\.17 < 3\.00, needs score >= 3\.00 +blocked +decide\.py:88", text
    )
    assert re.search(r"because +adaptive weight 'dark_pool' is 0\.06", text)
    assert re.search(r"gate to loop +no gate +not reached", text)


def test_roots_stand_before_their_consequences() -> None:
    """Consequences are indented below their root."""
    text = told(examples.red_roots(), width=160)

    assert re.search(r"ERROR +FP-1\.1 .*\nERROR +└ FP-1\.3 .*\nUNKNOWN +└ FP-2\.1 ", text)


def test_counts_and_circumstances() -> None:
    """How many were judged, receipt, guard, Toxiproxy, times and the report's place are told."""
    text = told(examples.green())

    assert "2 of 126 judged, 124 NOT BUILT" in text
    assert "7 of 7 injected faults turned RED and named their stage" in text
    assert "network namespace with loopback only" in text
    assert "2.12.0 on 127.0.0.1:43117" in text
    assert "9.8 s, 3.1 s of it waiting" in text
    assert "reports/readiness.html" in text


def test_an_incomplete_receipt_and_what_is_unverified_are_told() -> None:
    """Nothing that speaks against GREEN is left out."""
    assert "incomplete: the bench of the receipt did not start" in told(examples.red_roots())
    assert "UNVERIFIED: needs toxiproxy" in told(examples.yellow())


def own_tests(document: Document) -> str:
    """The line about the points' own tests."""
    return next(line for line in told(document, width=200).splitlines() if line.startswith("own tests")).strip()


def test_own_tests_are_told_in_one_line() -> None:
    """How many points are proven, at which commit, how long ago; what failed, and what has no record."""
    green = examples.green(harness_commit=pieces.COMMIT)
    points = tuple(dataclasses.replace(row, proof=None) for row in green.points)

    assert own_tests(green).endswith("2 of 2 points proven at commit 4f9c2e1, 2 h ago")
    assert own_tests(examples.green()).endswith("2 of 2 points proven at commit 4f9c2e1, not this one, 2 h ago")
    assert own_tests(examples.red_gate()).endswith("not this one, 2 h ago; failed: FP-3.4 heal, recover")
    assert own_tests(examples.yellow()).endswith("UNVERIFIED: FP-4.2")
    assert own_tests(dataclasses.replace(green, points=points)).endswith(
        "no record of them; `make verify FULL=1` runs them"
    )
    half = dataclasses.replace(green, points=(green.points[0], points[1]))
    assert "1 of 2 points proven" in own_tests(half)
    assert "no record: FP-3.1" in own_tests(half)


def test_a_reason_about_a_point_that_is_ok_is_told() -> None:
    """A point can be OK while its own tests failed: the reason is not lost among the root causes."""
    row = dataclasses.replace(examples.green().points[0], proof=Proof(failed=("heal",)))
    why = Reason(colour="YELLOW", text="FP-1.3 UW cache stale: its own test_heal failed", point="FP-1.3")

    assert why.text in told(examples.green(verdict=Colour.YELLOW, points=(row,), reasons=(why,)), width=160)


def test_explain_tells_everything() -> None:
    """Every gate with its values, the lineage, the alarm, what was swallowed, lost and noted, and other signals."""
    text = explained()

    for part in ("cache_fresh", "4.2 <= 120.0", "2.70", "0.17", "score * adaptive['dark_pool']", "!! failed open"):
        assert part in text
    for part in (
        "401 Client Error",
        "bot/equities/enrichment.py:52",
        "NVDA was last seen",
        "thread",
        "MSFT",
    ):
        assert part in text


@pytest.mark.parametrize("make", EVERY.values(), ids=EVERY.keys())
@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(make: Callable[[], Document], width: int) -> None:
    """Whatever is told fits the width."""
    assert [line for line in told(make(), width=width).splitlines() if len(line) > width] == []


def test_text_of_the_bot_cannot_move_the_cursor() -> None:
    """No escape, control or turning character of the bot's reaches the terminal, and no markup is obeyed."""
    attack = "\x1b[2J\x1b]0;owned\x07\r\b\x9b31m\u202e\u2066[bold red]x[/bold red]\n[link=a]"
    plain, coloured = told(examples.hostile(attack)), told(examples.hostile(attack), colour=True)

    assert set() == set("\x1b\x07\r\b\x9b\u202e\u2066") & set(plain)
    assert r"\x1b[2J" in plain
    assert "[bold red]x[/bold red]" in plain
    assert set() == set(re.findall(r"\x1b(?!\[[0-9;]*m).{0,4}", coloured))


def test_a_cache_run_shows_the_bot_s_words_as_they_are() -> None:
    """Neither markup of ours nor a terminal's escapes are acted upon, in ASCII too."""
    text = "[/] [red]\x1b[31m…"
    gate = pieces.gate(text, None, 7, value=text, limit=text, needs=text, file=text)
    trace = dataclasses.replace(pieces.traded().trace, outcome=Outcome.RAISED, detail=text)
    group = Group(reason=text, gate=gate, signals=(text,), nearest=text)
    run = CacheRun(fates=(Fate(signal=text, gate=gate),), groups=(group,), before_all=gate, trace=trace)
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii", write_through=True)
    print_cache_run(run, Console(file=out, width=200, color_system=None), explain=True)
    shown = out.buffer.getvalue().decode("ascii")

    assert "\x1b" not in shown
    assert shown.count(r"[/] [red]\x1b[31m...") >= 10


def test_a_check_shows_roots_before_their_consequences() -> None:
    """A consequence stands indented below its own root, not below whatever is as bad."""
    rows = (
        pieces.point("1.2", "Cache missing", "ERROR", consequence_of=("FP-1.1",)),
        pieces.point("2.1", "No weights", "ERROR"),
        pieces.point("1.1", "Daemon down", "UNKNOWN"),
    )
    out = io.StringIO()
    print_check(Console(file=out, width=110, color_system=None), "a bot", Colour.RED, rows)
    lines = out.getvalue().splitlines()[2:]

    assert [(line[:5], "└" in line, re.findall(r"FP-[\d.]+", line)) for line in lines] == [
        ("ERROR", False, ["FP-2.1"]),
        ("UNKNO", False, ["FP-1.1"]),
        ("ERROR", True, ["FP-1.2"]),
    ]


def test_no_colour_when_nobody_looks() -> None:
    """A pipe gets plain text; a terminal gets colour."""
    assert "\x1b" not in told(examples.red_gate())
    assert "\x1b[" in told(examples.red_gate(), colour=True)


def test_an_ascii_log_gets_ascii() -> None:
    """A stream that cannot carry our marks gets others, and the bot's letters as escapes."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    document = dataclasses.replace(examples.red_roots(), bot="Börse")
    print_verdict(document, Console(file=stream, width=100))
    stream.flush()
    text = raw.getvalue().decode("ascii")

    assert "` FP-1.3" in text
    assert r"B\xf6rse" in text
    assert "x  feed" in text
