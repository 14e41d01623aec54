"""The pages below docs/ say what the code says, and their links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs import generate
from harness.catalogue import built, entries

ROOT = generate.DOCS.parent
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)|<(?:img|a) [^>]*(?:src|href)=\"([^\"]+)\"")
DECISIONS = sorted((generate.DOCS / "decisions").glob("0*.md"))
PAGES = sorted([*generate.DOCS.rglob("*.md"), *ROOT.glob("*.md")])


def on_disk() -> dict[str, str]:
    """Each generated page as it lies below docs/."""
    names = [name for name in generate.pages() if (generate.DOCS / name).is_file()]
    return {name: (generate.DOCS / name).read_text(encoding="utf-8") for name in names}


def links(page: Path) -> list[str]:
    """Links of a page that lead to files, without their fragments."""
    found = (one or other for one, other in LINK.findall(page.read_text(encoding="utf-8")))
    return [link.partition("#")[0] for link in found if "://" not in link and not link.startswith(("#", "mailto:"))]


def test_generated_pages_are_up_to_date() -> None:
    """Every generated page is what `make docs` would write now."""
    expected = generate.pages()

    assert on_disk() == expected, "run `make docs`"


def test_no_page_of_a_point_that_is_gone() -> None:
    """Only built failure points have a page."""
    assert generate.stale(generate.pages()) == []


def test_index_lists_all_points() -> None:
    """The index has one row for each catalogued point, and a link for each built one."""
    index = generate.pages()["failure-points/README.md"]
    rows = re.findall(r"^\| (FP-[\d.]+) \| (\[)?", index, re.MULTILINE)

    assert sorted(point_id for point_id, _ in rows) == sorted(entries())
    assert {point_id for point_id, linked in rows if linked} == set(built())


@pytest.mark.parametrize("page", PAGES, ids=[page.relative_to(ROOT).as_posix() for page in PAGES])
def test_links_lead_somewhere(page: Path) -> None:
    """Every link to a file leads to one."""
    assert [link for link in links(page) if link and not (page.parent / link).exists()] == []


@pytest.mark.parametrize("note", DECISIONS, ids=[note.stem for note in DECISIONS])
def test_decision_has_its_form(note: Path) -> None:
    """A decision note says what was decided, why and what it costs, on one screen, and stands in the index."""
    text = note.read_text(encoding="utf-8")
    parts = re.findall(r"^\*\*(\w+)\.\*\*", text, re.MULTILINE)

    assert parts == ["Decided", "Why", "Costs"]
    assert text.startswith(f"# {note.stem[:4]}: ")
    assert len(text.splitlines()) <= 20
    assert note.name in (note.parent / "README.md").read_text(encoding="utf-8")


def test_decisions_are_counted() -> None:
    """Notes are numbered without gaps."""
    expected = [f"{number:04}" for number in range(1, len(DECISIONS) + 1)]

    assert [note.name[:4] for note in DECISIONS] == expected
    assert expected != []
