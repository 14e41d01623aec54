"""Write the pages below docs/ that are told from the code: `make docs`.

A page that is written by hand falls behind; these cannot, since a test compares them with what this module makes.
"""

from __future__ import annotations

import dataclasses
import inspect
import sys
import typing
from pathlib import Path

from docs.bot_toml import bot_toml_page
from docs.markdown import cell, said_of_fields, table
from harness.catalogue import Entry, built, entries
from harness.failure_point import FailurePoint
from harness.report.schema import schema_markdown

DOCS = Path(__file__).resolve().parent
POINTS = "failure-points"
CHAPTERS = {
    "FP-1": "The data that a signal is made of",
    "FP-2": "Scores",
    "FP-3": "Gates and limits",
    "FP-4": "The venue, and the order on its way",
    "FP-5": "State and configuration",
    "FP-6": "Processes and their host",
}
INDEX_HEAD = """# Failure points

{built} of {all} catalogued ways in which a signal can fail to become an order are built: detected from a snapshot,
with typed evidence and a way out. A built point links to its page; `python -m harness explain ID` shows the same.

This page is generated from `harness/catalogue/failure-points.yaml` and the modules below `harness/failure_points/`.
"""
PAGE = """# {id}: {title}

{story}

{impact}

| | |
| --- | --- |
{sheet}

## Evidence

{evidence}

{fields}

## Way out

{heal}

{playbook}

[All failure points]({up}README.md)
"""


def pages() -> dict[str, str]:
    """Each generated page by its path below docs/."""
    made = {f"{POINTS}/{point.name}.md": point_page(point, entries()[point_id]) for point_id, point in built().items()}
    return made | {
        f"{POINTS}/README.md": index_page(),
        "bot-toml.md": bot_toml_page(),
        "verdict-schema.md": schema_markdown().rstrip() + "\n",
    }


def index_page() -> str:
    """All catalogued points, by chapter; the built ones with a link to their pages."""
    parts = [INDEX_HEAD.format(built=len(built()), all=len(entries()))]
    for chapter, title in CHAPTERS.items():
        rows = [_index_row(entry) for entry in entries().values() if entry.id.partition(".")[0] == chapter]
        parts.append(f"## {chapter}: {title}\n\n" + table("id|what is wrong|when|desk|severity|blocks|way out", rows))
    return "\n".join(parts)


def _index_row(entry: Entry) -> list[str]:
    point = built().get(entry.id)
    title = f"[{entry.title}]({point.name}.md)" if point else entry.title
    return [entry.id, title, entry.when, entry.desk, entry.severity, entry.blocks, entry.heal]


def point_page(point: FailurePoint, entry: Entry) -> str:
    """One built failure point: its story, sheet, evidence, way out and playbook."""
    sheet = point.sheet
    rows = {
        "name": f"`{point.name}`",
        "desk": sheet.desk.value,
        "severity": sheet.severity.value,
        "class": sheet.cause.value,
        "when": entry.when,
        "blocks": sheet.blocks.value,
        "the canary stops at": sheet.stage.value,
        "recovers within": f"{sheet.recovers_within_s:g} s",
        "can be brought about by": ", ".join(_link(point, upstream) for upstream in sheet.downstream_of) or "-",
        "covers": ", ".join(entry.rows),
    }
    evidence = _evidence(point)
    return PAGE.format(
        id=sheet.id,
        title=sheet.title,
        story=inspect.cleandoc(sys.modules[point.detect.__module__].__doc__ or ""),
        impact=sheet.impact,
        sheet="\n".join(f"| {key} | {cell(value)} |" for key, value in rows.items()),
        evidence=inspect.cleandoc(evidence.__doc__ or ""),
        fields=table("field|type|what it is", _fields(evidence)).rstrip(),
        heal=_sentence(str(point.heal)),
        playbook="\n".join(f"{number}. {step}" for number, step in enumerate(sheet.playbook, 1)),
        up="../" * point.name.count("/"),
    )


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:].rstrip(".") + "."


def _link(point: FailurePoint, point_id: str) -> str:
    """A link from one page to another point's, or its title where that is not built."""
    other = built().get(point_id)
    if not other:
        return f"{point_id} {entries()[point_id].title}"
    return f"[{point_id} {other.sheet.title}]({'../' * point.name.count('/')}{other.name}.md)"


def _evidence(point: FailurePoint) -> type:
    """The type of the evidence, from what the judge says it returns."""
    returned = typing.get_type_hints(point.detect)["return"]
    evidence: type = typing.get_args(returned)[0]
    return evidence


def _fields(evidence: type) -> list[list[str]]:
    said = said_of_fields(evidence)
    fields = dataclasses.fields(evidence)
    return [[f"`{field.name}`", f"`{field.type}`", said.get(field.name, _unit(field.name))] for field in fields]


def _unit(name: str) -> str:
    """What the last words of a field's name say: its unit, and whether it is the limit."""
    limits = {"_max": "the most there may be", "_min": "the least there must be"}
    units = {"_s": "seconds", "_usd": "US dollars", "_ms": "milliseconds", "_bytes": "bytes", "_share": "a share of 1"}
    bound = next((word for end, word in limits.items() if name.endswith(end)), "")
    bare = name[:-4] if bound else name
    unit = next((word for end, word in units.items() if bare.endswith(end)), "")
    if bare.endswith(("_at_s", "until_s")):
        unit = "unix seconds"
    return ", ".join(part for part in (bound, unit) if part)


def main() -> None:
    """Write every generated page, and take away those of points that are gone."""
    made = pages()
    for name, text in made.items():
        path = DOCS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for path in stale(made):
        path.unlink()
    print(f"{len(made)} pages below {DOCS.name}/")


def stale(made: dict[str, str]) -> list[Path]:
    """Pages of failure points that no longer exist."""
    return [path for path in (DOCS / POINTS).rglob("*.md") if path.relative_to(DOCS).as_posix() not in made]


if __name__ == "__main__":
    main()
