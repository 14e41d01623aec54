"""The bot's own process: `loop.py KIND` looks at the flow again and again."""
import json
import os
import sys
import threading
import time

import trader
from desk import golden_rows

KIND = sys.argv[1]
INTERVAL_S = float(os.environ.get("LOOP_INTERVAL_S", "60"))
traded, cycles = set(), 0


def beat():
    os.makedirs("diary", exist_ok=True)
    with open("diary/beat.new", "w") as draft:
        json.dump({"at": time.time(), "cycles": cycles}, draft)
    os.replace("diary/beat.new", "diary/beat.json")


while True:
    new = [symbol for symbol in golden_rows() if symbol not in traded]
    if new:
        getattr(trader, KIND)([{"symbol": symbol, "score": 3.5} for symbol in new])
        if os.environ.get("FORGETS") != "yes":
            traded.update(new)
    cycles += 1
    beat()
    threading.Event().wait(INTERVAL_S)
