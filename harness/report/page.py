"""`readiness.html`: one page that carries everything it needs, runs nothing, and takes no text at its word.

Every value passes `visible` and then the autoescape on its way into the page, so that log text stays text.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.report import phrases, proven, waterfall
from harness.report.view import ROOMY, TIGHT, Room, view
from harness.report.visible import visible
from harness.verdict.document import Document

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
BYTES_MAX = 1_000_000


def render(document: Document) -> str:
    """The page as text. What would make it longer than `BYTES_MAX` is shortened; `verdict.json` has it whole."""
    page = ""
    for room in (ROOMY, TIGHT):
        page = _render(document, room)
        if len(page.encode("utf-8")) <= BYTES_MAX:
            break
    return page


def _render(document: Document, room: Room) -> str:
    template = environment(room).get_template("readiness.html.j2")
    known = {anchor(row.id) for row in document.points}
    return template.render(document=document, room=room, known=known, **view(document, room))


@functools.cache
def environment(room: Room) -> Environment:
    """The template environment for texts of at most `room.text_max` characters."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    def shown(value: Any) -> Any:
        """Neutralise and cut plain text; what Jinja made itself is left as it is."""
        return visible(str(value), length_max=room.text_max) if isinstance(value, str) and not _made(value) else value

    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=shown,
    )
    made.globals.update(
        against=phrases.against,
        gate_name=phrases.gate_name,
        place=phrases.place,
        marks=proven.MARKS,
        waterfall=waterfall,
    )
    made.filters.update(duration=phrases.duration, instant=phrases.instant, halves=phrases.halves, anchor=anchor)
    return made


def _made(value: str) -> bool:
    return hasattr(value, "__html__")


def anchor(point_id: str) -> str:
    """`FP-1.3` as the name of its place on the page."""
    return "point-" + re.sub(r"[^A-Za-z0-9.-]", "_", point_id)[:60]
