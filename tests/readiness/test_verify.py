"""`verify` of the reference bot: GREEN, the same at any hour, with everything in the document that was seen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from chaos.experiments import inject
from chaos.wire.server import ToxiproxyServer
from chaos.wire.toxiproxy_wire import ToxiproxyWire
from harness.catalogue import built, entries
from harness.cli.arguments import REFERENCE
from harness.deployment import load
from harness.readiness import Options, verify
from harness.readiness.receipt import FAULT_OF_STAGE
from harness.report.encode import decode, encode
from harness.verdict import Document
from harness.vocabulary import Colour, Depth
from tests.cli.running import aside
from tests.lab.leftovers import processes_of, scratch_place, temporary_files_in
from tests.readiness.deployed import quick

pytestmark = pytest.mark.timeout(180)

NEW_YORK = ZoneInfo("America/New_York")
SATURDAY = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with scratch_place() as folder, temporary_files_in(folder):
        yield folder


@pytest.fixture(scope="module")
def green(place: Path) -> Document:
    """One whole verification, on a Saturday, with the real Toxiproxy on the wire."""
    with ToxiproxyServer() as server:
        options = Options(
            wire=lambda: ToxiproxyWire(server),
            faults=inject,
            clean=True,
            egress_guard="the test's",
            at_s=SATURDAY.timestamp(),
        )
        return verify(load(REFERENCE), options)


def test_the_reference_bot_is_green(green: Document) -> None:
    """No reason against it, and the answer is one sentence."""
    assert green.reasons == ()
    assert (green.verdict, green.blocker) == (Colour.GREEN, None)
    assert green.answer == "Yes. A good signal becomes exactly one order."


def test_every_point_is_counted_once(green: Document) -> None:
    """Judged, not applicable and not built are all there is: 126."""
    assert green.catalogued == len(entries()) == 126
    assert green.judged + green.not_applicable + green.not_built == 126
    assert len(green.points) == len(built())
    assert {row.status for row in green.points} == {"OK"}


def test_one_canary_went_at_each_depth_and_each_is_one_order(green: Document) -> None:
    """Through a fork of the cycle, and through the running processes; each with a symbol of its own."""
    assert [canary.depth for canary in green.canaries] == [Depth.CYCLE, Depth.PROCESS]
    assert [len(canary.orders) for canary in green.canaries] == [1, 1]
    assert len({canary.symbol for canary in green.canaries}) == 2


def test_the_stages_of_the_canary_are_shown_with_value_limit_and_line(green: Document) -> None:
    """The threshold gate has both sides and a line of the bot's own file, named as its owner knows it."""
    gate = next(gate for gate in green.canaries[0].trace.gates if gate.label == "score_below_threshold")

    assert float(gate.value) >= float(gate.limit) == 3.0
    assert (gate.file, gate.line > 0, gate.failure_point) == ("bot/equities/decide.py", True, "FP-2.3")
    assert {line.name for line in green.canaries[0].trace.lineage} >= {"score", "quantity"}


def test_the_receipt_turned_every_stage_red_by_its_name(green: Document) -> None:
    """Seven faults, seven stages, each RED and named."""
    assert green.receipt.complete
    assert [row.stage for row in green.receipt.rows] == [str(stage) for stage in FAULT_OF_STAGE]
    assert all((row.held, row.colour, row.named_stage) == (True, "RED", row.stage) for row in green.receipt.rows)


def test_every_override_is_listed_and_no_limit_is_among_them(green: Document) -> None:
    """Endpoints, keys and pace, each with what the deployment has; secrets by name only."""
    deployment = load(REFERENCE)
    toml = deployment.toml
    paced, keys = {*toml.pace.intervals, *toml.pace.rates}, set(toml.environment.secrets)
    origins = {table.url_variable or table.url: table.url for table in toml.upstreams.values()}

    assert {row.name for row in green.overrides} == paced | keys | set(origins)
    assert {row.lab for row in green.overrides if row.name in keys} == {"(lab key)"}
    assert {row.name: row.deployment for row in green.overrides if row.name in origins} == origins
    assert all(row.lab.startswith("http://127.0.0.1:") for row in green.overrides if row.name in origins)


def test_the_document_survives_its_file(green: Document) -> None:
    """What is read back from verdict.json is what was written."""
    assert encode(decode(encode(green))) == encode(green)
    assert decode(encode(green)).canaries == green.canaries


def test_the_verdict_is_bound_to_bot_harness_time_and_wire(green: Document) -> None:
    """Commits, configuration, how long it holds, and what stood in between."""
    assert len(green.configuration_hash) == 64
    assert green.valid_until_s > green.created_at_s
    assert green.toxiproxy.startswith("Toxiproxy ")
    assert green.egress_guard == "the test's"
    assert datetime.fromtimestamp(green.lab_time_s, NEW_YORK).strftime("%A %H:%M") == "Monday 10:00"


def test_nothing_is_left_of_a_verification(green: Document, place: Path) -> None:
    """No folder and no process."""
    assert green.verdict is Colour.GREEN
    assert (processes_of(place), list(place.iterdir())) == ([], [])


@pytest.mark.parametrize(
    "at",
    [
        pytest.param(datetime(2026, 11, 26, 14, 0, tzinfo=UTC), id="Thanksgiving"),
        pytest.param(datetime(2026, 11, 30, 9, 20, tzinfo=NEW_YORK), id="before the open"),
    ],
)
def test_the_answer_is_the_same_whatever_the_day(at: datetime) -> None:
    """The lab's clock stands in the next session: both canaries trade, and only the receipt was not asked for."""
    document = verify(load(REFERENCE), quick(at_s=at.timestamp(), clean=True))

    assert datetime.fromtimestamp(document.lab_time_s, NEW_YORK).strftime("%H:%M") == "10:00"
    assert "30 minutes into the next session" in document.lab_time_why
    assert [canary.traded for canary in document.canaries] == [True, True]
    assert [reason.text.partition(":")[0] for reason in document.reasons] == [
        "no complete receipt that this run could have said RED"
    ]


def test_without_toxiproxy_it_still_answers_and_is_yellow(tmp_path: Path) -> None:
    """No server, no build, no Go, no network: the network points are UNVERIFIED, and trading is proven."""
    environment = {
        "PATH": "/nonexistent",
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "TOXIPROXY_URL": "",
        "UV_OFFLINE": "1",
    }
    ran = aside("verify", "--clean", "--reports", tmp_path / "reports", env=environment, deadline_s=100.0)
    document = decode((tmp_path / "reports" / "verdict.json").read_bytes())

    assert (ran.code, document.verdict) == (1, Colour.YELLOW)
    assert any(reason.text.startswith("UNVERIFIED: the network points") for reason in document.reasons)
    assert "Toxiproxy" in document.unverified[0]
    assert all(canary.traded for canary in document.canaries)
    assert "UNVERIFIED" in ran.out
