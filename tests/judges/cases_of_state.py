"""The edges of the points about the bot's own state files: the kill switch, what is missing, torn, or too new."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from harness.observe.snapshot import Snapshot, Source
from harness.vocabulary.roles import File
from tests.judges.case import ERROR, HIDDEN, OK, UNKNOWN, Case, case, with_file, without


def _switch(well: Snapshot) -> list[Case]:
    def says(content: Any, **facts: Any) -> Snapshot:
        return with_file(well, File.KILL_SWITCH, content=content, **facts)

    reasoned = says({"active": True, "reason": "drawdown", "since": 7})
    return [
        case("set", reasoned, ERROR, says="is set: drawdown", active=True, reason="drawdown", since_s=7.0),
        case("set, no more", says({"active": True}), ERROR, says="no reason recorded", reason="", since_s=None),
        case("odd time", says({"active": True, "since": "then"}), ERROR, since_s=None),
        case("not set", says({"active": False, "reason": "over"}), OK, active=False, reason="over"),
        case("a word for a truth", says({"active": "no"}), UNKNOWN, says="does not say whether the switch is set"),
        case("no word", says({}), UNKNOWN, says="does not say whether the switch is set"),
        case("no table", says([True]), UNKNOWN, says="does not say whether the switch is set"),
        case("not JSON", says(None, fault="cut short"), UNKNOWN, says="is set (cut short)"),
        case("required and gone", says(None, exists=False), UNKNOWN, says="is missing, so nobody knows"),
        case("optional and gone", says(None, exists=False, required=False), OK, says="does not exist", active=False),
        case("optional and set", says({"active": True}, required=False), ERROR, active=True),
        case("no such role", without(well, File.KILL_SWITCH), UNKNOWN, says="not applicable"),
    ]


def _required(well: Snapshot) -> list[Case]:
    gone = with_file(well, File.POSITIONS, exists=False)
    two = with_file(gone, File.COOLDOWNS, exists=False)
    flag = replace(well, files=Source({File.FREEZE_FLAG: well.files[File.FREEZE_FLAG]}))
    paths = ("state/positions.json", "state/cooldowns.json")
    return [
        case("one gone", gone, ERROR, says="1 of 8 required files missing: state/pos", missing=paths[:1], required=8),
        case("two gone", two, ERROR, says="2 of 8 required files missing", missing=paths),
        case("an optional one gone", with_file(well, File.FLOW_CACHE, exists=False), OK, missing=()),
        case("one not seen", _hidden(well), UNKNOWN, says="hidden by this case"),
        case("one gone beside one not seen", _hidden(gone), ERROR, missing=paths[:1], required=7),
        case("none required", flag, UNKNOWN, says="not applicable"),
    ]


def _state_files(well: Snapshot) -> list[Case]:
    def book(content: Any, **facts: Any) -> Snapshot:
        return with_file(well, File.POSITIONS, content=content, **facts)

    torn = book(None, fault="cut short", entries=None)
    both = with_file(torn, File.COOLDOWNS, content=[1], entries=1)
    path = ("state/positions.json",)
    no_table, no_number = ("its table of entries is missing",), ("its schema number is missing",)
    return [
        case("torn", torn, ERROR, says="positions.json: cut short", corrupt=path, why=("cut short",), state_files=7),
        case("two", both, ERROR, says="; state/cooldowns.json: not a JSON object"),
        case("a list", book([1], entries=1), ERROR, why=("not a JSON object",)),
        case("no table", book({"schema": 1}, entries=None), ERROR, why=no_table),
        case("no schema", book({"positions": {}}), ERROR, why=no_number),
        case("a schema in words", book({"schema": "1"}), ERROR, why=no_number),
        case("no schema declared", book({"positions": {}}, schemas=()), OK, corrupt=()),
        case("no schema declared, no table", book({}, schemas=(), entries=None), ERROR, why=no_table),
        case("another version", book({"schema": 2}, entries=None), OK, corrupt=()),
        case("gone", book(None, exists=False, entries=None), OK, state_files=6),
        case("the cache torn", with_file(well, File.FLOW_CACHE, content=None, fault="cut short"), OK),
        case("one not seen", _hidden(well), UNKNOWN, says="hidden by this case"),
        case("torn beside one not seen", _hidden(torn), ERROR, corrupt=path),
        case("no state file", replace(well, files=Source()), UNKNOWN, says="not applicable"),
    ]


def _schemas(well: Snapshot) -> list[Case]:
    def book(content: Any, *schemas: int, **facts: Any) -> Snapshot:
        return with_file(well, File.POSITIONS, content=content, schemas=schemas, **facts)

    newer = book({"schema": 3}, 1, 2)
    both = with_file(newer, File.COOLDOWNS, content={"schema": 0})
    flag = replace(well, files=Source({File.FREEZE_FLAG: well.files[File.FREEZE_FLAG]}))
    says, older = "positions.json has schema 3, this bot knows 1, 2", "; state/cooldowns.json has schema 0"
    path, cooldowns = "state/positions.json", "state/cooldowns.json"
    return [
        case("newer", newer, ERROR, says=says, files=(path,), schemas=(3,), known=("1, 2",)),
        case("and older", both, ERROR, says=older, files=(path, cooldowns), schemas=(3, 0), known=("1, 2", "1")),
        case("the older of two", book({"schema": 1}, 1, 2), OK, files=()),
        case("the newer of two", book({"schema": 2}, 1, 2), OK),
        case("none declared", book({"schema": 9}), OK),
        case("a truth", book({"schema": True}, 2), OK),
        case("no number", book({"schema": "2"}, 1), OK),
        case("no table", book([2], 1), OK),
        case("gone", book(None, 1, exists=False), OK, files=()),
        case("one not seen", _hidden(well), UNKNOWN, says="hidden by this case"),
        case("newer beside one not seen", _hidden(newer), ERROR, files=(path,)),
        case("no schemas at all", flag, UNKNOWN, says="not applicable"),
    ]


def _hidden(snapshot: Snapshot) -> Snapshot:
    """The snapshot with one state file that nobody could look at."""
    return replace(snapshot, files=Source({**snapshot.files.facts, File.COOLDOWNS: HIDDEN}))


EDGES_OF_STATE: Mapping[str, Callable[[Snapshot], list[Case]]] = {
    "FP-3.10": _switch,
    "FP-5.3": _state_files,
    "FP-5.4": _required,
    "FP-5.10": _schemas,
}
