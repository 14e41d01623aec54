"""Looking at files: what the content says of itself, what the disk says, and nothing believed that is not JSON."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from harness.cli.arguments import REFERENCE
from harness.deployment import Deployment, load
from harness.observe.files import as_time, field, look_at_file, look_at_files, parse
from harness.observe.services import look_at_services
from harness.services import PidfilePort, ServicePort
from harness.vocabulary import NotApplicable, Unseen
from harness.vocabulary.roles import File, Service
from tests.canary.attached import attached

NOW_S = 1_800_000_000.0


@pytest.fixture
def bot(tmp_path: Path) -> Deployment:
    """The reference bot's roles over an empty folder."""
    (tmp_path / "bot.toml").write_bytes(REFERENCE.read_bytes())
    return load(tmp_path / "bot.toml")


def written(bot: Deployment, role: File, raw: bytes, *, modified_s: float = NOW_S) -> None:
    """The role's file with these bytes, changed at that time."""
    path = bot.path(role)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(raw)
    os.utime(path, (modified_s, modified_s))


def test_the_content_s_own_time_is_kept_apart_from_the_file_s(bot: Deployment) -> None:
    """A copied or touched file is fresh on disk and old inside: only the inside counts."""
    cache = {"_metadata": {"last_update": NOW_S - 7200}, "AAPL": {}, "MSFT": {}}
    written(bot, File.FLOW_CACHE, json.dumps(cache).encode(), modified_s=NOW_S)
    facts = look_at_file(bot, File.FLOW_CACHE, NOW_S).value

    assert (facts.updated_at_s, facts.modified_at_s, facts.entries) == (NOW_S - 7200, NOW_S, 2)


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"", "the file is empty"),
        (b"  \n", "the file is empty"),
        (b'{"a": 1', "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b'{"a": NaN}', "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"\x00" * 4096, "not JSON"),
    ],
)
def test_what_is_no_json_has_a_fault_and_no_content(bot: Deployment, raw: bytes, fault: str) -> None:
    """One word of why; no exception, whatever the bytes."""
    written(bot, File.FLOW_CACHE, raw)
    facts = look_at_file(bot, File.FLOW_CACHE, NOW_S).value

    assert facts.exists
    assert (facts.content, facts.entries, facts.updated_at_s) == (None, None, None)
    assert facts.fault.startswith(fault)


def test_a_file_that_is_not_there_is_a_fact(bot: Deployment) -> None:
    """Seen: it does not exist."""
    assert not look_at_file(bot, File.FLOW_CACHE, NOW_S).value.exists


def test_what_bot_toml_wants_of_a_file_is_a_fact_too(bot: Deployment) -> None:
    """Whether it must exist, and the schema numbers that the bot reads; known of a file that is not there as well."""
    path = bot.path(File.POSITIONS)
    absent = look_at_file(bot, File.POSITIONS, NOW_S).value
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}", encoding="ascii")
    there = look_at_file(bot, File.POSITIONS, NOW_S).value
    optional = look_at_file(bot, File.FREEZE_FLAG, NOW_S).value

    assert [(one.exists, one.required, one.schemas) for one in (absent, there)] == [
        (False, True, (1,)),
        (True, True, (1,)),
    ]
    assert (optional.required, optional.schemas) == (False, ())


def test_a_file_that_may_not_be_read_is_not_seen(bot: Deployment) -> None:
    """A folder stands in its place: nobody could look, so nobody knows."""
    bot.path(File.FLOW_CACHE).mkdir(parents=True)

    assert not look_at_file(bot, File.FLOW_CACHE, NOW_S).seen


def test_a_pipe_in_place_of_a_file_keeps_nobody_waiting(bot: Deployment) -> None:
    """Nobody writes into it: the state file is not seen, the heartbeat was never beaten, nothing was logged."""
    places = [bot.path(File.FLOW_CACHE), *(bot.root / name for name in ("state/beat", "logs/log"))]
    for path in places:
        path.parent.mkdir(exist_ok=True)
        os.mkfifo(path)
    daemon = bot.service(Service.FLOW_DAEMON).model_copy(update={"heartbeat": "state/beat", "log": "logs/log"})
    toml = bot.toml.model_copy(update={"services": {Service.FLOW_DAEMON: daemon}})
    (bot.root / "bot.pid").write_text(str(os.getpid()), encoding="ascii")
    ports: dict[Service, ServicePort] = {Service.FLOW_DAEMON: PidfilePort(bot.root)}
    facts = look_at_services(replace(bot, toml=toml), ports, NOW_S)

    assert look_at_file(bot, File.FLOW_CACHE, NOW_S) == Unseen(
        "data/uw_flow_cache.json cannot be read: it is no plain file"
    )
    assert facts[Service.FLOW_DAEMON].value.heartbeat_at_s is None


def test_a_role_that_the_bot_lacks_does_not_apply(tmp_path: Path) -> None:
    """It is no missing file."""
    facts = look_at_files(attached(tmp_path, "trades_rightly"), NOW_S)

    with pytest.raises(NotApplicable):
        facts[File.FLOW_CACHE]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1_700_000_000, 1_700_000_000.0),
        (1_700_000_000_123, 1_700_000_000.123),
        ("2026-11-25T10:00:00-05:00", 1_795_618_800.0),
        ("2026-11-25T15:00:00Z", 1_795_618_800.0),
        ("2026-11-25T15:00:00", None),
        ("yesterday", None),
        (True, None),
        (10**400, None),
        (None, None),
        ([1], None),
    ],
)
def test_times_are_seconds_milliseconds_or_iso_with_a_zone(value: object, expected: float | None) -> None:
    """A time without a zone could be any; it is none."""
    assert as_time(value) == expected


def test_json_lines_are_the_list_of_their_lines() -> None:
    """An append-only log is a file too."""
    assert parse(b'{"a": 1}\n{"a": 2}\n') == ([{"a": 1}, {"a": 2}], "")


@pytest.mark.parametrize("content", [None, [], 3, {"a": 3}, {"a": {"b": {}}}])
def test_a_dotted_field_that_is_not_there_is_none(content: object) -> None:
    """Whatever stands in between."""
    assert field(content, "a.b.c") is None


def test_only_the_value_of_a_status_field_is_a_status(bot: Deployment) -> None:
    """401 dollars, 401 rows and a symbol with 403 in it are no refusals; `"status": 401` is one."""
    log = bot.root / bot.service(Service.FLOW_DAEMON).log
    log.parent.mkdir()
    lines = [
        '{"event": "polled", "status": 200, "rows": 401}',
        '{"price": 401, "premium": 403.0, "why": "401 alerts"}',
        '{"event": "auth_refused", "status": 401}',
        "plain text status=429 and status: 503",
        '{"status": "200"}',
        "fill_status: 401 and status: 401.25",
    ]
    log.write_text("\n".join(lines), encoding="ascii")
    found = look_at_services(bot, {Service.FLOW_DAEMON: PidfilePort(bot.root)}, NOW_S)[Service.FLOW_DAEMON].value

    assert found.logged_statuses == (200, 401, 429, 503)
