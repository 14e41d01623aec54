"""Whatever happens to the answer of a submit, one signal is one order."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from bot.clients import deadline
from bot.clients.alpaca import Alpaca
from bot.clients.errors import NotSent
from bot.equities import daemon
from bot.equities.decide import decide_and_execute
from bot.equities.floor import signal_of
from bot.equities.loop import run_cycle
from bot.orders.intents import open_log
from bot.orders.submit import submit
from bot.orders.ticket import bracket, client_order_id
from fixtures.script import AcceptThen, Hang, Late, Reply, ResetAfterAccept, ResetBefore
from tests.bot.conftest import World, patience

TICKET = bracket("AAPL", "buy", 7, 190.0, signal="AAPL|bullish|1", profit_share=0.04, loss_share=0.02)


def posts(world: World) -> int:
    """How often an order was sent over the wire."""
    return sum(request.method == "POST" for request in world.venue.script.log)


def events(world: World) -> list[str]:
    """What became of each intent."""
    return [intent.event for intent in world.desk().recall().intents.intents.values()]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(AcceptThen(504), id="504-after-accept"),
        pytest.param(AcceptThen(500, {"code": 50010000, "message": "internal server error"}), id="500-after-accept"),
        pytest.param(AcceptThen(200, b""), id="empty-200-after-accept"),
        pytest.param(AcceptThen(200, b'{"id": "3f'), id="cut-200-after-accept"),
        pytest.param(AcceptThen(200, {"code": 40310000, "message": "no"}), id="200-with-an-error-inside"),
        pytest.param(ResetAfterAccept(), id="reset-after-accept"),
        pytest.param(Late(60.0), id="answer-too-late"),
    ],
)
def test_an_order_whose_answer_was_lost_is_adopted(world: World, fault: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sent once, found by its id, returned as an order that stands."""
    monkeypatch.setenv("VENUE_READ_S", "0.3")
    with world.venue.script.rule(fault, method="POST", path="/v2/orders"):
        (order,) = decide_and_execute([world.cluster()])

    assert order.adopted
    assert [parent.client_order_id for parent in world.parents()] == [order.client_order_id]
    assert (posts(world), events(world)) == (1, ["accepted"])


def test_an_order_that_never_arrived_blocks_until_it_is_settled(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reset before the venue saw it: nothing within the settle window; then the same signal under the same id.

    Not a newer one: it has another id, and would stand beside the first if that came after all.
    """
    monkeypatch.setenv("SETTLE_WINDOW_S", "3600")
    cluster = world.cluster()
    with world.venue.script.rule(ResetBefore(), method="POST", path="/v2/orders"):
        decide_and_execute([cluster, world.cluster("XOM")])
    first = [label for label, _, _ in world.blocked()]
    decide_and_execute([cluster])
    second = [label for label, _, _ in world.blocked()][len(first) :]
    monkeypatch.setenv("SETTLE_WINDOW_S", "0")
    assert decide_and_execute([world.cluster(newest_at=world.clock.now())]) == []
    third = world.blocked()[-1][0]
    (order,) = decide_and_execute([cluster])

    assert first == ["submit_ambiguous", "intent_unresolved"]
    assert second == ["intent_unresolved"]
    assert third == "intent_unresolved"
    assert [parent.client_order_id for parent in world.parents()] == [order.client_order_id]
    assert events(world) == ["accepted"]


def test_the_settle_window_begins_with_the_doubt(world: World) -> None:
    """The request took longer than the window: its order is still waited for, and nothing new goes out meanwhile."""
    log = world.desk().recall().intents
    log.record("eqd-1", TICKET)
    log.path.write_text(log.path.read_text().replace(f'"at":{log.intents["eqd-1"].at}', f'"at":{time.time() - 60}'))
    log.resolve("eqd-1", "ambiguous")
    decide_and_execute([world.cluster("XOM")])

    assert [label for label, *_ in world.blocked()] == ["intent_unresolved"]
    assert events(world) == ["ambiguous"]


def test_an_order_that_arrives_late_is_adopted_and_not_sent_again(world: World) -> None:
    """The venue does not know it when first asked, but does in the next cycle."""
    cluster = world.cluster()
    with (
        world.venue.script.rule(AcceptThen(504), method="POST", path="/v2/orders"),
        world.venue.script.rule(
            Reply(404, {"code": 40410000, "message": "order not found"}), path="/v2/orders:by_client_order_id", times=1
        ),
    ):
        assert decide_and_execute([cluster]) == []
    decide_and_execute([cluster])

    assert len(world.parents()) == 1
    assert (posts(world), events(world)) == (1, ["accepted"])


def test_a_venue_that_refuses_connections_gets_no_order_and_leaves_no_doubt(world: World) -> None:
    """Nobody listens: the intent is known to be absent, and the next try may use the same id."""
    desk = world.desk()
    memory = desk.recall()
    nobody = Alpaca(desk.settings.model_copy(update={"alpaca_base_url": "http://127.0.0.1:9"}))
    with pytest.raises(NotSent, match="Connection refused"):
        submit(TICKET, venue=nobody, log=memory.intents, attempt=1)
    order = submit(TICKET, venue=desk.venue, log=memory.intents, attempt=1)

    assert order.client_order_id == client_order_id(TICKET.signal, 1)
    assert events(world) == ["accepted"]


def test_an_id_that_is_taken_is_our_own_order(world: World) -> None:
    """422 `client_order_id must be unique`: the order from before is adopted, and stands once."""
    desk, cluster = world.desk(), world.cluster()
    decide_and_execute([cluster])
    (world.home.state / "intents.jsonl").write_bytes(b"")
    world.write_state("cooldowns.json", {"cooldowns": {}})
    held = world.venue.positions(world.account)
    memory = desk.recall()
    ticket = bracket("AAPL", "buy", 7, 190.0, signal=signal_of(cluster), profit_share=0.04, loss_share=0.02)
    order = submit(ticket, venue=desk.venue, log=memory.intents, attempt=1)

    assert order.adopted
    assert len(world.parents()) == 1
    assert world.venue.positions(world.account) == held


def test_an_intent_from_before_a_crash_is_settled_before_anything_new(world: World) -> None:
    """A process died after writing the intent: the next one asks for it first, and only then sends."""
    memory = world.desk().recall()
    memory.intents.record(client_order_id("XOM|bullish|1", 1), TICKET)
    with world.venue.script.rule(Reply(404, {"code": 40410000, "message": "order not found"}), path="/v2/orders:by"):
        decide_and_execute([world.cluster()])
    asked = [request.path for request in world.venue.script.log]

    assert world.blocked()[0][0] == "intent_unresolved"
    assert "/v2/orders:by_client_order_id" in asked
    assert posts(world) == 0


def test_without_a_place_for_the_intent_nothing_is_sent(world: World) -> None:
    """The log cannot be written: no byte leaves for the venue."""
    memory = world.desk().recall()
    log = memory.intents.path
    log.unlink()
    with pytest.raises(FileNotFoundError):
        memory.intents.record("eqd-1", TICKET)
    decide_and_execute([world.cluster()])
    ((label, value, _),) = world.blocked()

    assert label == "state_missing"
    assert "intents.jsonl is missing" in value
    assert posts(world) == 0


def test_more_orders_than_intents_stop_the_desk(world: World) -> None:
    """An order with our prefix that no intent explains: the kill switch is set, and only a person releases it."""
    decide_and_execute([world.cluster()])
    world.venue.seed_order(
        world.account, "AAPL", "buy", 7, limit_price="100", client_order_id="eqd-000000000000000000000000"
    )
    with world.golden_flow("XOM"):
        run_cycle()
        decide_and_execute([world.cluster("XOM")])

    assert world.read_state("kill_switch.json")["active"] is True
    assert "1 orders carry our prefix" in world.read_state("kill_switch.json")["reason"]
    assert world.blocked()[-1][0] == "kill_switch"


def test_orders_that_cannot_be_compared_with_the_intents_stop_the_entries(world: World) -> None:
    """The venue does not list its orders, so one too many would stay unseen: nothing new goes out in that cycle."""
    decide_and_execute([world.cluster()])
    with world.golden_flow("XOM"):
        daemon.feed()
    with world.venue.script.rule(Reply(500), method="GET", path="/v2/orders"):
        refused = run_cycle().submitted
    blocked = [value for label, value, _ in world.blocked() if label == "reconciliation"]

    assert refused == ()
    assert blocked == ["GET /v2/orders answered 500"]
    assert [order.symbol for order in run_cycle().submitted] == ["XOM"]


def test_an_order_that_is_found_rejected_does_not_stand(world: World) -> None:
    """The answer was lost; asked by its id, the venue says that it refused: a refusal, and no order."""
    body = {"id": "3f", "client_order_id": "eqd-", "status": "rejected", "submitted_at": "2026-12-01T15:30:00Z"}
    with (
        world.venue.script.rule(ResetBefore(), method="POST", path="/v2/orders"),
        world.venue.script.rule(Reply(200, body), path="/v2/orders:by_client_order_id"),
    ):
        submitted = decide_and_execute([world.cluster()])

    assert submitted == []
    assert [label for label, _, _ in world.blocked()] == ["rejected_by_venue"]
    assert events(world) == ["rejected"]


def test_a_stalled_venue_does_not_hang_a_cycle(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every answer hangs; the cycle ends by its own deadline, and says why it sent nothing."""
    monkeypatch.setenv("CYCLE_DEADLINE_S", "0.6")
    monkeypatch.setenv("VENUE_DEADLINE_S", "0.4")
    monkeypatch.setenv("VENUE_CONNECT_S", "0.4")
    with world.golden_flow("AAPL"):
        daemon.feed()
    began = time.monotonic()
    with world.venue.script.rule(Hang()):
        report = run_cycle()
    took_s = time.monotonic() - began

    assert took_s < 1.2 * patience()
    assert report.submitted == ()
    assert world.blocked()[-1][0] == "venue_unreachable"
    assert world.parents() == []


def test_no_order_is_started_that_the_cycle_could_not_finish(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """With less of the cycle left than a submit may take, the order is not sent, rather than left in doubt."""
    monkeypatch.setenv("VENUE_DEADLINE_S", "10")
    with deadline.within(5):
        decide_and_execute([world.cluster()])
    ((label, value, limit),) = world.blocked()

    assert (label, limit) == ("cycle_deadline", 10)
    assert value <= 5
    assert posts(world) == 0


def test_the_log_tells_what_became_of_every_intent(tmp_path: Path) -> None:
    """The last event of an intent is its state, in any process that reads the log."""
    path = tmp_path / "intents.jsonl"
    path.touch()
    log = open_log(path)
    for number, event in enumerate(["accepted", "rejected", "absent", "ambiguous", "given_up", "closed"]):
        log.record(f"eqd-{number}", TICKET)
        log.resolve(f"eqd-{number}", event, venue_order_id=f"v{number}")
    log.record("eqd-9", TICKET)
    again = open_log(path)

    assert again.intents == log.intents
    assert [intent.client_order_id for intent in again.unresolved()] == ["eqd-3", "eqd-9"]
    assert [intent.client_order_id for intent in again.working()] == ["eqd-0"]


def test_a_torn_intent_was_never_sent(tmp_path: Path) -> None:
    """A half-written last line is cut off: the byte that would have left comes only after the whole line."""
    path = tmp_path / "intents.jsonl"
    path.touch()
    log = open_log(path)
    log.record("eqd-1", TICKET)
    whole = path.read_bytes()
    log.record("eqd-2", TICKET)
    path.write_bytes(path.read_bytes()[:-20])
    again = open_log(path)

    assert list(again.intents) == ["eqd-1"]
    assert path.read_bytes() == whole


def test_a_damaged_log_is_moved_aside_and_what_is_readable_kept(tmp_path: Path) -> None:
    """A broken line in the middle: the others count, the evidence is kept, and the recovery is on record."""
    path = tmp_path / "intents.jsonl"
    path.touch()
    log = open_log(path)
    log.record("eqd-1", TICKET)
    damaged = path.read_bytes() + b"\x00\x00\x00\n"
    path.write_bytes(damaged)
    log = open_log(path)
    log.record("eqd-2", TICKET)
    (kept,) = tmp_path.glob("intents.jsonl.corrupt.*")
    again = open_log(path)

    assert kept.read_bytes() == damaged
    assert list(again.intents) == ["eqd-1", "eqd-2"]
    assert again.recovered_at is not None
