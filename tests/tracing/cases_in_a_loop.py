"""Ways in which a loop over signals drops one, each in the form most often met."""

from __future__ import annotations

# name, source, condition of the blocker, exit, value, limit, needs
CASES: list[tuple[str, str, str, str, str, str, str]] = [
    (
        "a continue",
        """
        def decide(signals, venue):
            for s in signals:
                if s["score"] < 3.0:
                    continue
                venue.submit_order(s["symbol"])
        """,
        "s['score'] < 3.0",
        "continue",
        "2.31",
        "3.0",
        "s['score'] >= 3.0",
    ),
    (
        "an if without an else",
        """
        def decide(signals, venue):
            for s in signals:
                ok = s["score"] >= 3.0
                if ok:
                    venue.submit_order(s["symbol"])
        """,
        "s['score'] >= 3.0",
        "no else",
        "2.31",
        "3.0",
        "s['score'] >= 3.0",
    ),
    (
        "a callee with a reason",
        """
        def check(s):
            if s["score"] < 3.0:
                return False, "score too low"
            return True, ""

        def decide(signals, venue):
            for s in signals:
                ok, reason = check(s)
                if not ok:
                    continue
                venue.submit_order(s["symbol"])
        """,
        "s['score'] < 3.0",
        "return",
        "2.31",
        "3.0",
        "s['score'] >= 3.0",
    ),
    (
        "a callee that answers with a comparison",
        """
        def strong(s):
            return s["volume"] > 10 and s["score"] >= 3.0

        def decide(signals, venue):
            for s in signals:
                if not strong(s):
                    continue
                venue.submit_order(s["symbol"])
        """,
        "s['volume'] > 10 and s['score'] >= 3.0",
        "return",
        "2.31",
        "3.0",
        "s['score'] >= 3.0",
    ),
    (
        "a comprehension's filter",
        """
        def decide(signals, venue):
            picked = [s for s in signals if s["volume"] and s["score"] >= 3.0]
            for s in picked:
                venue.submit_order(s["symbol"])
        """,
        "s['volume'] and s['score'] >= 3.0",
        "filter",
        "2.31",
        "3.0",
        "s['score'] >= 3.0",
    ),
    (
        "a slice of a sorted list",
        """
        def decide(signals, venue):
            for s in sorted(signals, key=lambda s: -s["score"])[:1]:
                venue.submit_order(s["symbol"])
        """,
        "sorted(signals, key=lambda s: -s['score'])[:1]",
        "slice",
        "number 2 of 2",
        "the slice keeps 1",
        "a place among those that sorted(signals, key=lambda s: -s['score'])[:1] keeps",
    ),
    (
        "an else branch",
        """
        def decide(signals, venue):
            for s in signals:
                if s["score"] < 3.0:
                    print("too low")
                else:
                    venue.submit_order(s["symbol"])
        """,
        "s['score'] < 3.0",
        "no else",
        "2.31",
        "3.0",
        "s['score'] >= 3.0",
    ),
    (
        "a flag",
        """
        def decide(signals, venue):
            for s in signals:
                blocked = False
                if s["score"] < 3.0:
                    blocked = True
                if s["volume"] < 1:
                    blocked = True
                if blocked:
                    continue
                venue.submit_order(s["symbol"])
        """,
        "s['score'] < 3.0",
        "continue",
        "2.31",
        "3.0",
        "s['score'] >= 3.0",
    ),
    (
        "reasons collected first",
        """
        def decide(signals, venue):
            for s in signals:
                reasons = []
                if s["score"] < 3.0:
                    reasons.append("score")
                if s["volume"] < 1:
                    reasons.append("volume")
                if reasons:
                    continue
                venue.submit_order(s["symbol"])
        """,
        "s['score'] < 3.0",
        "continue",
        "2.31",
        "3.0",
        "s['score'] >= 3.0",
    ),
    (
        "for and else over rules",
        """
        RULES = [("volume", lambda s: s["volume"] > 10), ("score", lambda s: s["score"] >= 3.0)]

        def decide(signals, venue):
            for s in signals:
                for name, rule in RULES:
                    if not rule(s):
                        break
                else:
                    venue.submit_order(s["symbol"])
        """,
        "s['score'] >= 3.0",
        "return",
        "2.31",
        "3.0",
        "s['score'] >= 3.0",
    ),
    (
        "a raise that is handled",
        """
        class Denied(Exception): pass

        def guard(s):
            if s["score"] < 3.0:
                raise Denied("score")

        def decide(signals, venue):
            for s in signals:
                try:
                    guard(s)
                except Denied:
                    continue
                venue.submit_order(s["symbol"])
        """,
        "s['score'] < 3.0",
        "raise",
        "2.31",
        "3.0",
        "s['score'] >= 3.0",
    ),
    (
        "a chain of comparisons",
        """
        def decide(signals, venue):
            for s in signals:
                if not 3.0 <= s["score"] <= 9.0:
                    continue
                venue.submit_order(s["symbol"])
        """,
        "not 3.0 <= s['score'] <= 9.0",
        "continue",
        "2.31",
        "3.0",
        "s['score'] >= 3.0",
    ),
]
