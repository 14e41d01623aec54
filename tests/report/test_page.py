"""The page carries everything it needs, runs nothing, and shows hostile text as text."""

from __future__ import annotations

import dataclasses
import html
import re
from collections.abc import Callable

import pytest

from harness.report.page import BYTES_MAX, render
from harness.report.visible import visible
from harness.verdict.document import Document, Receipt, ReceiptRow
from harness.vocabulary import Gate, Stage
from tests.report import examples, pieces
from tests.report.reader import Reader

EVERY = {
    "green": examples.green,
    "yellow": examples.yellow,
    "gate": examples.red_gate,
    "roots": examples.red_roots,
    "orders": examples.red_two_orders,
    "hostile": examples.hostile,
}
# In verdict.json alone: the module's path, and function and signal of a lineage step (a canary has one). A commit is
# cut short, that of a drill is told once, with the proof, and a complete receipt has no reason for being none.
NOT_ON_THE_PAGE = {"PointRow.name", "LineageStep.function", "LineageStep.signal", "Proof.commit", "DrillRow.commit",
                   "Receipt.why_not"}  # fmt: skip


@pytest.fixture(params=sorted(EVERY))
def page(request: pytest.FixtureRequest) -> str:
    """The page of each example."""
    make: Callable[[], Document] = EVERY[request.param]
    return render(make())


def test_the_page_is_whole_and_loads_nothing(page: str) -> None:
    """Every tag is closed, ids are unique, links lead to a place on the page, and nothing comes from elsewhere."""
    seen = Reader(page)
    links = [value for _, attrs in seen.tags for name, value in attrs.items() if name == "href" and value]
    outside = [
        name for _, attrs in seen.tags for name in attrs if name in ("src", "srcset", "action", "data", "poster")
    ]

    assert (seen.open, seen.mismatched) == ([], [])
    assert outside == []
    assert [link for link in links if link.removeprefix("#") not in seen.ids or not link.startswith("#")] == []
    assert len(seen.ids) == len(set(seen.ids))
    assert [tag for tag, _ in seen.tags if tag in ("script", "link", "iframe", "img", "object", "embed", "base")] == []
    assert [name for _, attrs in seen.tags for name in attrs if name.startswith("on")] == []
    assert "url(" not in page
    assert "@import" not in page


def test_landmarks_and_headings(page: str) -> None:
    """One h1, a header, a main and a nav; every section has a heading; tables have header cells with a scope."""
    seen = Reader(page)
    tags = [tag for tag, _ in seen.tags]

    assert [tags.count(tag) for tag in ("h1", "main", "nav")] == [1, 1, 1]
    assert next(attrs["lang"] for tag, attrs in seen.tags if tag == "html") == "en"
    assert [
        attrs for tag, attrs in seen.tags if tag == "section" and attrs.get("aria-labelledby") not in seen.ids
    ] == []
    assert [attrs for tag, attrs in seen.tags if tag == "th" and not attrs.get("scope")] == []


def test_hostile_text_stays_text() -> None:
    """Script, markup, template code, escapes and turned lines in every free text field arrive as visible text."""
    page = render(examples.hostile())

    assert "<script" not in page.lower()
    assert "<img" not in page.lower()
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;" in page
    assert "{{ 7*7 }}" in page
    assert not set("\x1b\u202e") & set(page)
    assert r"\x1b[31m\u202e" in page


def test_each_free_text_field_is_told_and_escaped() -> None:
    """Every text field of a document, with a mark of its own put into it, is on the page, escaped."""
    document = examples.red_gate()
    marked, marks = _marked(document)
    page = render(marked)
    told = {name for name, mark in marks if html.escape(mark) in page}

    assert {name for name, _ in marks} - told == NOT_ON_THE_PAGE
    assert [name for name, mark in marks if mark in page] == []


def _marked(document: Document) -> tuple[Document, list[tuple[str, str]]]:
    """`document` with `<name&number>` behind every free text, and the marks by field."""
    marks: list[tuple[str, str]] = []

    def walk(value: object, name: str) -> object:
        if type(value) is str:
            marks.append((name, f"<{name}&{len(marks)}>"))
            return f"{value}{marks[-1][1]}"
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            kind = type(value).__name__
            new = {f.name: walk(getattr(value, f.name), f"{kind}.{f.name}") for f in dataclasses.fields(value)}
            # one canary's blocker and its gate are one value
            return dataclasses.replace(value, **new)
        return tuple(walk(item, name) for item in value) if isinstance(value, tuple) else value

    marked = walk(document, "")
    assert isinstance(marked, Document)
    canaries = tuple(
        dataclasses.replace(one, blocker=next((g for g in one.trace.gates if g.blocks), None))
        for one in marked.canaries
    )
    return dataclasses.replace(marked, canaries=canaries), marks


def test_the_blocker_is_told_with_value_limit_place_and_way_out() -> None:
    """Value, limit, file and line, what lets it through, the cause underneath and each step stand on the page."""
    text = Reader(render(examples.red_gate())).text
    blocker = examples.red_gate().blocker
    assert blocker is not None

    told = ["0.17measured", "3.00limit", "bot/equities/decide.py:88", "score >= 3.00", "adaptive weight", *blocker.todo]
    assert [what for what in told if what not in text] == []
    assert "stopped at score, stage 6 of 10" in text
    assert "×0.063 in one step" in text


def test_the_most_dangerous_gates_are_loud() -> None:
    """A gate that fired without blocking, or failed open, has an alarm of its own."""
    fired, opened = render(examples.red_two_orders()), render(examples.red_gate())

    assert "This gate fired but did not block." in Reader(fired).text
    assert "This gate failed open." in Reader(opened).text
    assert 'class="alarm"' not in render(examples.green())


def test_swallowed_and_lost_are_told() -> None:
    """A swallowed 401 and a signal cut off by a slice are on the page with their places."""
    text = Reader(render(examples.red_gate())).text

    assert "401 Client Error" in text
    assert "raised at bot/clients/alpaca.py:88" in text
    assert "last seen at bot/equities/decide.py:140" in text


def test_roots_stand_before_their_consequences() -> None:
    """The dead daemon stands above the stale cache and the missing clusters, which are marked as following from it."""
    page = render(examples.red_roots())
    rows = re.findall(r'<tr id="(point-[^"]+)"( class="child")?>', page)

    assert rows[:3] == [("point-FP-1.1", ""), ("point-FP-1.3", ' class="child"'), ("point-FP-2.1", ' class="child"')]
    assert "1 NOT APPLICABLE, 121 NOT BUILT" in Reader(page).text


def test_status_is_never_colour_alone() -> None:
    """Each status badge carries its word, and each verdict its word and a shape."""
    for make in EVERY.values():
        document, page = make(), render(make())
        badges = {html.unescape(word) for word in re.findall(r'<span class="badge [a-z]+">([^<]+)</span>', page)}
        assert f"<h1>{document.verdict}</h1>" in page
        assert set() == {visible(row.status) for row in document.points} - badges


def test_a_status_that_nobody_knows_is_not_fine() -> None:
    """A word outside the vocabulary stands with what needs attention, above all that is OK."""
    page = render(examples.green(points=(pieces.point("1.3", "Stale"), pieces.point("9.9", "New", "BROKEN"))))

    assert re.findall(r'<tr id="([^"]+)"', page) == ["point-FP-9.9", "point-FP-1.3"]
    assert "1 OK, 1 BROKEN." in Reader(page).text


def test_a_whole_catalogue_stays_small_and_folded() -> None:
    """126 points and 200 signals with 60 gates each stay under 1 MB; passed gates and quiet points are folded."""
    page = render(examples.large())

    assert len(page.encode()) < BYTES_MAX
    assert "199 other signals in the same run" in page
    assert page.count("gates passed</summary>") >= 5
    assert re.search(r"<summary>\d+ OK</summary>", page)


def test_even_endless_log_text_stays_small() -> None:
    """With 100,000 characters in every field of a whole catalogue the page is cut, says so, and stays under 1 MB."""
    document = examples.large(signals=20, gates=20)
    filled = examples.hostile("<" * 1500)
    points = tuple(dataclasses.replace(filled.points[0], id=row.id) for row in document.points)
    page = render(dataclasses.replace(filled, points=points, canaries=filled.canaries * 4))

    assert len(page.encode()) < BYTES_MAX
    assert "characters more)" in page


def test_a_stage_that_bot_toml_does_not_name() -> None:
    """A gate without a stage is told under "other gates", unless it is the one that stopped the signal."""
    free = pieces.gate("strange_exit", None, 9)
    canary = pieces.blocked_by_score()
    assert canary.blocker is not None
    stop: Gate = dataclasses.replace(canary.blocker, stage=None)
    trace = dataclasses.replace(canary.trace, gates=(free, stop))
    page = render(examples.green(canaries=(dataclasses.replace(canary, trace=trace, blocker=stop),)))
    stages = re.findall(r"</span>([a-z ]+)</div>\s*<div>(.*?)</li>", page, re.DOTALL)

    assert [str(Stage.SCORE), "other gates"] == [name for name, body in stages if 'class="gate' in body]


def test_an_incomplete_receipt_is_told() -> None:
    """A fault that was not named shows as not held, with what was named instead."""
    row = ReceiptRow(
        stage="score", fault="weights at zero", colour="GREEN", named_stage="", named="", held=False, duration_s=1.0
    )
    text = Reader(render(examples.green(receipt=Receipt(rows=(row,), why_not="score was not named")))).text

    assert "did not hold" in text
    assert "no stage" in text
    assert "score was not named" in text


def test_the_band_is_short_and_the_card_has_the_detail() -> None:
    """The answer stands alone in the band; by what it is blocked is told once, in the card below."""
    band, _, below = render(examples.red_gate()).partition("</header>")

    assert "A good signal would not become an order now." in band
    assert "adaptive weight" not in band
    assert "adaptive weight" in below


def proven(page: str) -> str:
    """The section about the points' own tests."""
    return page.partition('<section id="proven"')[2].partition("</section>")[0]


def test_what_was_proven_is_told_with_its_times() -> None:
    """Each point's row says how long detection, healing and the next order took, and when and where it was proven."""
    rows = re.findall(r"<tr><td><span class=.badge.*?</tr>", proven(render(examples.green())), re.DOTALL)

    assert len(rows) == 2
    assert [what for what in ("proven", "FP-1.3", "21 ms", "380 ms", "1.5 s") if what not in rows[0]] == []
    assert "2 h ago at commit 4f9c2e1, not this one" in rows[0]
    assert 'data-label="To heal">–<' in rows[1]


def test_a_failed_own_test_is_told_beside_its_older_proof() -> None:
    """The point stands as failed, with the tests by name, although all of them passed once."""
    page = render(examples.red_gate())

    assert "test_heal failed; test_recover failed" in proven(page)
    assert '<span class="badge error">failed</span>' in proven(page)
    assert "1 d 1 h ago at commit 0ld4f9c, not this one; failed since: heal, recover" in page


def test_the_matrix_tells_a_fault_from_its_consequences() -> None:
    """Rows are faults, columns every judged check; the own check and the consequences have marks of their own."""
    page = render(examples.red_roots())
    table = re.findall(r'<table class="matrix">.*?</table>', page, re.DOTALL)[0]
    checks = re.findall(r"<span>(FP-[\d.]+)</span>", table)
    rows = re.findall(r'<tr><th scope="row"><span class="id">(\S+)</span>.*?</th>(.*?)</tr>', table)
    cells = {fault: re.findall(r'<td(?: class="(\w+)")?', row) for fault, row in rows}

    assert checks == ["FP-1.1", "FP-1.3", "FP-2.1", "FP-3.1"]
    assert cells == {
        "FP-1.1": ["own", "follows", "follows", ""],
        "FP-1.3": ["", "own", "follows", ""],
        "FP-3.1": ["", "", "", "own"],
    }
    assert "was not OK as a consequence" in Reader(table).text


def test_without_a_record_the_page_says_how_to_get_one() -> None:
    """No proof and no drill is no empty table, but one sentence."""
    points = tuple(dataclasses.replace(row, proof=None) for row in examples.green().points)
    text = proven(render(examples.green(points=points, drills=())))

    assert "make verify FULL=1" in text
    assert "<table" not in text
