"""Rules as strangers keep them: in tables, decorators, requirements, and answers that are objects."""

from __future__ import annotations

from tests.tracing.cases_of_strangers import LOOP, SCORE, case

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


# name, source, condition of the blocker, exit, value, limit, needs
CASES: list[tuple[str, ...]] = [
    *(
        case(
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
    case(
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
    case(
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
    case(
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
    case(
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
    *(
        case(
            f"{name}() of a list that is written out",
            f"""
def decide(signals, venue):
    for s in signals:
        if {asked}:
            continue
        venue.submit_order(s["symbol"])
""",
            "continue",
            condition,
        )
        for name, asked, condition in (
            ("any", 'any([s["volume"] < 10, s["score"] < 3.0, s["side"] != "buy"])', "s['score'] < 3.0"),
            ("all", 'not all((s["volume"] > 10, s["score"] >= 3.0, s["side"] == "buy"))', SCORE),
        )
    ),
    case(
        "a decorator that does not call what it stands for",
        """
import functools

def needs(minimum):
    def around(trade):
        @functools.wraps(trade)
        def inner(s, venue):
            if s["score"] < minimum:
                return None
            return trade(s, venue)
        return inner
    return around

@needs(3.0)
def trade(s, venue):
    return venue.submit_order(s["symbol"])

def decide(signals, venue):
    for s in signals:
        trade(s, venue)
""",
        condition="s['score'] < minimum",
    ),
    case(
        "the member of an enum for an answer",
        """
import enum

class Decision(enum.Enum):
    GO = 1
    SKIP = 2

def judge(s):
    return Decision.GO if s["score"] >= 3.0 else Decision.SKIP

def decide(signals, venue):
    for s in signals:
        if judge(s) is not Decision.GO:
            continue
        venue.submit_order(s["symbol"])
""",
    ),
    case(
        "an answer that is an object, matched",
        """
class Refused:
    def __init__(self, why): self.why = why

def judge(s):
    if not s["score"] >= 3.0:
        return Refused("low")
    return s

def decide(signals, venue):
    for s in signals:
        match judge(s):
            case Refused(why=why):
                print(why)
            case _:
                venue.submit_order(s["symbol"])
""",
        condition="not s['score'] >= 3.0",
    ),
    *(
        case(
            f"comparisons in a {kind}",
            f"""
def decide(signals, venue):
    for s in signals:
        {kept}
        {asked}:
            continue
        venue.submit_order(s["symbol"])
""",
            "continue",
        )
        for kind, kept, asked in (
            ("dict", 'checks = {"vol": s["volume"] > 9, "score": s["score"] >= 3.0}', "if not all(checks.values())"),
            ("list", 'checks = [s["volume"] > 9, s["score"] >= 3.0]', "if not all(checks)"),
        )
    ),
    case(
        "pairs of a name and a comparison, gone through",
        """
def decide(signals, venue):
    for s in signals:
        checks = [("volume", s["volume"] > 9), ("score", s["score"] >= 3.0), ("side", s["side"] == "buy")]
        for name, ok in checks:
            if not ok:
                print("blocked by", name)
                break
        else:
            venue.submit_order(s["symbol"])
""",
        "break",
    ),
]
