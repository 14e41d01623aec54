"""Ways in which bots of strangers drop a signal: properties, threads, own HTTP calls, what is asked in passing."""

from __future__ import annotations

SCORE = "s['score'] >= 3.0"
LOOP = """
def decide(signals, venue):
    for s in signals:
        try:
            one(s, venue)
        except Exception:
            print(s)
"""


def case(name: str, source: str, exit_kind: str = "return", condition: str = SCORE) -> tuple[str, ...]:
    """A case whose blocker is the score of 2.31 against 3.0."""
    return name, source, condition, exit_kind, "2.31", "3.0", SCORE


# name, source, condition of the blocker, exit, value, limit, needs
CASES: list[tuple[str, ...]] = [
    case(
        "a POST of the bot's own, in a thread",
        """
from concurrent.futures import ThreadPoolExecutor

class Http:
    def post(self, url, json): return json

HTTP = Http()

def one(s):
    if not s["score"] >= 3.0:
        return "score"
    HTTP.post("https://venue/v2/orders", json=s)
    return "ok"

def decide(signals, venue):
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, signals))
""",
        condition="not s['score'] >= 3.0",
    ),
    case(
        "a POST as a word",
        """
def api(method, path, **body): return body

def one(s, venue):
    if not s["score"] >= 3.0:
        return "score"
    return api("POST", "/v2/orders", symbol=s["symbol"])
"""
        + LOOP,
        condition="not s['score'] >= 3.0",
    ),
    case(
        "a property that is asked before the order in one return",
        """
class Trader:
    def __init__(self, s, venue):
        self.s, self.venue = s, venue

    @property
    def strong(self):
        s = self.s
        return s["score"] >= 3.0

    @property
    def ready(self):
        return self.venue and self.strong

    def go(self):
        return self.ready and self.venue.submit_order(self.s["symbol"])

def one(s, venue):
    return Trader(s, venue).go()
"""
        + LOOP,
    ),
    case(
        "the first comparison of a chain",
        """
def decide(signals, venue):
    for s in signals:
        if not 3.0 <= s["score"] < 9.0:
            continue
        venue.submit_order(s["symbol"])
""",
        "continue",
        "not 3.0 <= s['score'] < 9.0",
    ),
    case(
        "an order in an assignment, asked first",
        """
def decide(signals, venue):
    for s in signals:
        done = s["score"] >= 3.0 and venue.submit_order(s["symbol"])
        print(done)
""",
        "no else",
    ),
    case(
        "the guard of a case",
        """
def decide(signals, venue):
    for s in signals:
        match s:
            case {"side": "sell"} if s["volume"] > 1:
                continue
            case {"side": "buy"} if s["score"] >= 3.0:
                venue.submit_order(s["symbol"])
            case _:
                continue
""",
        "continue",
    ),
    (
        "a number that a ternary reckoned",
        """
def decide(signals, venue):
    for s in signals:
        shares = int(s["score"] / 3.0) if s["volume"] > 0 else 0
        if not shares:
            continue
        venue.submit_order(s["symbol"], shares)
""",
        "not shares",
        "continue",
        "0",
        "",
        "shares",
    ),
    (
        "a list that is there, and a symbol on it",
        """
BANNED = ["WEAK"]

def decide(signals, venue):
    for s in signals:
        if BANNED and s["symbol"] in BANNED:
            continue
        venue.submit_order(s["symbol"])
""",
        "BANNED and s['symbol'] in BANNED",
        "continue",
        "'WEAK'",
        "['WEAK']",
        "s['symbol'] not in BANNED",
    ),
    (
        "a field that is missing, suppressed",
        """
from contextlib import suppress

def decide(signals, venue):
    for s in signals:
        with suppress(ValueError), suppress(KeyError, TypeError):
            if s["symbol"] == "WEAK" and s["weight"] < 3.0:
                continue
            venue.submit_order(s["symbol"])
""",
        "suppress(ValueError), suppress(KeyError, TypeError)",
        "no else",
        "KeyError: 'weight'",
        "",
        "no KeyError at line 7",
    ),
    (
        "a dataclass that no case takes",
        """
from dataclasses import dataclass

@dataclass
class Event:
    symbol: str
    strong: bool

def decide(signals, venue):
    for s in signals:
        event = Event(s["symbol"], s["score"] >= 3.0)
        match event:
            case Event(strong=True):
                venue.submit_order(s["symbol"])
            case _:
                pass
""",
        "match event",
        "no else",
        "Event(symbol='WEAK', strong=False)",
        "case _",
        "event to match another case than case _",
    ),
    case(
        "tasks whose results are asked together",
        """
import asyncio

async def liquid(s): return s["volume"] > 10
async def strong(s): return s["score"] >= 3.0

async def one(s, venue):
    checks = [asyncio.create_task(check(s)) for check in (strong, liquid)]
    await asyncio.wait(checks)
    if not all(check.result() for check in checks):
        return
    venue.submit_order(s["symbol"])

async def all_of(signals, venue):
    await asyncio.gather(*(one(s, venue) for s in signals))

def decide(signals, venue):
    asyncio.run(all_of(signals, venue))
""",
    ),
]
