"""The page about the schema covers each field of each type, with a meaning, and nothing that is gone."""

from __future__ import annotations

import dataclasses

import pytest

from harness.report.meanings import MEANINGS
from harness.report.schema import json_schema, meanings, reached, schema_markdown
from harness.verdict.document import Document

KINDS = reached(Document)


@pytest.mark.parametrize("kind", KINDS, ids=[kind.__name__ for kind in KINDS])
def test_each_field_is_told(kind: type) -> None:
    """Every field has a row with its type and its meaning in its type's table."""
    table = schema_markdown().partition(f"\n## {kind.__name__}\n")[2].partition("\n## ")[0]
    rows = {row.split("`")[1]: row for row in table.splitlines() if row.startswith("| `")}

    assert [field.name for field in dataclasses.fields(kind)] == list(rows)
    assert {name: meaning for name, meaning in meanings(kind).items() if not meaning} == {}
    assert [row for row in rows.values() if len([cell for cell in row.split(" | ") if cell.strip("| ")]) != 3] == []


def test_no_meaning_outlives_its_field() -> None:
    """Each meaning is that of a field that exists."""
    fields = {f"{kind.__name__}.{field.name}" for kind in KINDS for field in dataclasses.fields(kind)}

    assert set() == set(MEANINGS) - fields


def test_enumerations_are_listed_by_their_words() -> None:
    """A reader learns every word that a field can hold."""
    text = schema_markdown()

    assert "| `verdict` | one of `GREEN`, `YELLOW`, `RED` |" in text
    assert "`fired but did not block`" in text
    assert "list of list of 2 (text, text)" in text


def test_json_schema_has_every_type() -> None:
    """The JSON Schema names the same types."""
    assert set() == {kind.__name__ for kind in KINDS} - set(json_schema()["$defs"])
