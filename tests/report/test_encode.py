"""`verdict.json` says exactly what the document says, and only what can be believed is read back."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from harness.report import UnreadableVerdict, decode, encode
from harness.verdict.document import Document
from harness.vocabulary import Severity, Status
from tests.report import examples, pieces

EVERY = (
    examples.green,
    examples.yellow,
    examples.red_gate,
    examples.red_roots,
    examples.red_two_orders,
    examples.hostile,
    lambda: examples.large(signals=3),
)


@pytest.mark.parametrize("make", EVERY, ids=["green", "yellow", "gate", "roots", "orders", "hostile", "large"])
def test_round_trip(make: Callable[[], Document]) -> None:
    """What is read back equals what was written, to the last gate and cent."""
    document = _json_native(make())

    assert document == decode(encode(document))


def _json_native(document: Document) -> Document:
    """Evidence is free-form: JSON has lists where Python may have tuples."""
    rows = tuple(
        dataclasses.replace(
            row,
            evidence={key: list(value) if isinstance(value, tuple) else value for key, value in row.evidence.items()},
        )
        for row in document.points
    )
    return dataclasses.replace(document, points=rows)


def test_encoding_is_stable() -> None:
    """`version` is the first key, and the same document always gives the same bytes."""
    first = encode(examples.red_gate())

    assert next(iter(json.loads(first))) == "version"
    assert first == encode(decode(first)) == encode(examples.red_gate())
    assert first.startswith(b'{\n  "version": 1,\n  "verdict": "RED",')


def test_values_are_told_in_json_terms() -> None:
    """Enumerations are their words, decimals keep their digits, and no number turns into null."""
    evidence = {
        "status": Status.ERROR,
        "severity": Severity.HIGH,
        "price": Decimal("212.40"),
        "age_s": float("inf"),
        "ratio": float("nan"),
        "big": 2**80,
        "text": "\udcff",
        "raw": b"\xff",
        "names": {"b", "a"},
        "why": OSError("gone"),
    }
    expected = {
        "status": "ERROR",
        "severity": "high",
        "price": "212.40",
        "age_s": "inf",
        "ratio": "nan",
        "big": str(2**80),
        "text": "\\udcff",
        "raw": "\\xff",
        "names": ["a", "b"],
        "why": "gone",
    }
    document = examples.green(points=(pieces.point("1.3", "UW cache stale", evidence=evidence),))

    assert expected == json.loads(encode(document))["points"][0]["evidence"]
    assert json.loads(encode(document))["canaries"][0]["orders"][0]["limit_price"] == "212.40"


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"version": 2}, ["version 2", "version 1", "update this harness"]),
        ({"version": 0}, ["version 0", "make verify"]),
        ({"version": "1"}, ["$.version"]),
        ({"verdict": "BLUE"}, ["damaged", "BLUE", "$.verdict"]),
        ({"judged": "2"}, ["damaged", "$.judged"]),
        ({"surprise": 1}, ["unknown key `surprise`"]),
    ],
    ids=["newer", "older", "version-as-text", "no-colour", "wrong-type", "unknown-key"],
)
def test_what_cannot_be_believed_is_refused(change: dict[str, Any], names: list[str]) -> None:
    """Another version, a wrong type or an unknown key is refused in one sentence that names it."""
    told = {**json.loads(encode(examples.green())), **change}

    with pytest.raises(UnreadableVerdict) as refused:
        decode(json.dumps(told).encode())
    assert [name for name in names if name not in str(refused.value)] == []
    assert "\n" not in str(refused.value)


def test_an_unknown_key_deep_inside_is_named() -> None:
    """The path of an unknown key is told, wherever it stands."""
    told = json.loads(encode(examples.green()))
    told["canaries"][0]["trace"]["gates"][1]["waived"] = True

    with pytest.raises(UnreadableVerdict, match=r"`canaries\[0\]\.trace\.gates\[1\]\.waived`"):
        decode(json.dumps(told).encode())


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"{}", b"\xff\xfe", encode(examples.green())[:-200]])
def test_no_verdict_at_all_is_refused(data: bytes) -> None:
    """Empty, cut, foreign and undecodable bytes are no verdict, and are told so."""
    with pytest.raises(UnreadableVerdict, match="make verify"):
        decode(data)


def test_encoding_needs_no_template_engine() -> None:
    """A start gate that only reads a verdict never loads jinja2."""
    program = "import sys, harness.report; sys.exit('jinja2' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=30).returncode == 0
