"""What all these bots share: one venue, one way to send an order, one diary."""
import os
import uuid

import requests

TRADING = "https://paper-api.alpaca.markets"
FLOW = "https://api.unusualwhales.com/api/option-trades/flow-alerts"
WATCHLIST = ("AAPL", "MSFT", "NVDA")


def note(line):
    os.makedirs("diary", exist_ok=True)
    with open("diary/log.txt", "a") as diary:
        diary.write(line + "\n")


def send_order(symbol, side, qty):
    order = {
        "symbol": symbol,
        "qty": str(qty),
        "side": side,
        "type": "market",
        "time_in_force": "day",
        "client_order_id": "control-" + uuid.uuid4().hex,
    }
    answer = requests.post(
        TRADING + "/v2/orders",
        json=order,
        headers={"APCA-API-KEY-ID": os.environ["APCA_KEY"], "APCA-API-SECRET-KEY": os.environ["APCA_SECRET"]},
        timeout=5,
    )
    answer.raise_for_status()
    note("submitted %s %s %s" % (side, qty, symbol))
    return answer.json()["id"]


def golden_rows():
    answer = requests.get(FLOW, headers={"Authorization": "Bearer " + os.environ["UW_TOKEN"]}, timeout=5)
    answer.raise_for_status()
    return sorted({row["ticker"] for row in answer.json()["data"] if row["ticker"] in WATCHLIST})


def fetch_into_cache():
    """What a cron job of this bot runs."""
    import json

    os.makedirs("diary", exist_ok=True)
    with open("diary/flow.json", "w") as cache:
        json.dump({symbol: {} for symbol in golden_rows()}, cache)


def fetch_with_a_defect():
    raise KeyError("ticker")


def fetch_for_ever():
    import threading

    threading.Event().wait()
