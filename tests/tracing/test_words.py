"""Which calls look like an order: the verbs of brokers and a POST to orders, but no question and no limit."""

from __future__ import annotations

import ast

import pytest

from harness.tracing.probe import words

ORDERS = """
send_order(s); limit_order(s, 1); broker.market(s, 1); api.createMarketOrder(s); open_position(s); go_long(s)
client.post("/v2/orders", json=body); session.post(f"{BASE}/v2/orders", json=body); requests.post(ORDERS_URL, json=body)
alpaca("POST", "/v2/orders"); self.request("post", "orders", data=body); requests.post(url="https://venue/v2/orders")
"""
NONE = """
rate_limit(); market_open(); open_orders(); self.open_orders(s); trade_limit(s); bracket(s); order_entry(s); max_order()
requests.get("/v2/orders"); httpx.request("DELETE", "/v2/orders"); requests.post(WEBHOOK, json={"order": 1})
http.post(slack_url, text="orders")
"""


def calls(source: str) -> list[str]:
    """The calls of a source, one by one."""
    return [ast.unparse(node) for node in ast.parse(source).body]


@pytest.mark.parametrize(
    ("call", "sends"), [*((call, True) for call in calls(ORDERS)), *((call, False) for call in calls(NONE))]
)
def test_what_a_call_sends_is_told_by_its_words(call: str, sends: bool) -> None:
    """A name that lists, asks or limits is no order, whatever nouns stand in it."""
    node = ast.parse(call, mode="eval").body
    assert isinstance(node, ast.Call)

    assert (words.rank(node) == 3) is sends
