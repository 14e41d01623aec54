"""Ways in which bots of strangers drop a signal: rules in tables, properties, threads, requirements, own HTTP calls."""

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
RULES = """
RULES = []
def gate(name):
    def found(rule):
        rule.gate = name
        RULES.append(rule)
        return rule
    return found

@gate("volume")
def volume(s): return s["volume"] > 10, "thin"

@gate("score")
def score(s): return ANSWER
"""


def _case(name: str, source: str, exit_kind: str = "return", condition: str = SCORE) -> tuple[str, ...]:
    return name, source, condition, exit_kind, "2.31", "3.0", SCORE


# name, source, condition of the blocker, exit, value, limit, needs
CASES: list[tuple[str, ...]] = [
    _case(
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
    _case(
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
    _case(
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
    *(
        _case(
            f"decorated rules in a loop, answering {kind}",
            RULES.replace("ANSWER", answer)
            + """
def passes(s):
    for rule in RULES:
        result = rule(s)
        ok, why = result if isinstance(result, tuple) else (result, rule.gate)
        if not ok:
            return False
    return True

def decide(signals, venue):
    for s in signals:
        if passes(s):
            venue.submit_order(s["symbol"])
""",
        )
        for kind, answer in (("yes or no", 's["score"] >= 3.0'), ("with a word", 's["score"] >= 3.0, "low"'))
    ),
    _case(
        "a dict of lambdas, those that fail in a list",
        """
CHECKS = {
    "volume": lambda s: s["volume"] > 10,
    "score": lambda s: s["score"] >= 3.0,
    "tags": lambda s: len(s["tags"]) < 5,
}

def decide(signals, venue):
    for s in signals:
        failed = [name for name, check in CHECKS.items() if not check(s)]
        if failed:
            print(failed)
            continue
        venue.submit_order(s["symbol"])
""",
    ),
    _case(
        "a requirement",
        """
def require(cond, rule, *seen):
    if not cond:
        raise ValueError(rule)

def one(s, venue):
    require(s["volume"] > 1, "volume")
    require(s["score"] >= 3.0, "score", s["score"])
    venue.submit_order(s["symbol"])
"""
        + LOOP,
    ),
    _case(
        "an assertion of a callee",
        """
def check(s):
    assert s["score"] >= 3.0, "score"

def one(s, venue):
    check(s)
    venue.submit_order(s["symbol"])
"""
        + LOOP,
        "raise",
    ),
    _case(
        "a verdict object",
        """
from typing import NamedTuple

class Verdict(NamedTuple):
    ok: bool
    why: str = ""

def judge(s):
    return Verdict(s["score"] >= 3.0, "score")

def decide(signals, venue):
    for s in signals:
        verdict = judge(s)
        if not verdict.ok:
            continue
        venue.submit_order(s["symbol"])
""",
    ),
    _case(
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
    _case(
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
]
