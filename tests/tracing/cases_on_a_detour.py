"""Ways in which a signal is dropped on a detour: rules, exceptions, generators, second stages."""

from __future__ import annotations

# name, source, condition of the blocker, exit, value, limit, needs
CASES: list[tuple[str, str, str, str, str, str, str]] = [
    (
        "a walrus",
        """
        def decide(signals, venue):
            for s in signals:
                if (score := s["score"] * 1.0) < 3.0:
                    continue
                venue.submit_order(s["symbol"], score)
        """,
        "(score := (s['score'] * 1.0)) < 3.0",
        "continue",
        "2.31",
        "3.0",
        "(score := (s['score'] * 1.0)) >= 3.0",
    ),
    (
        "a choice that is returned",
        """
        def one(s, venue):
            return venue.submit_order(s["symbol"]) if s["score"] >= 3.0 else None

        def decide(signals, venue):
            for s in signals:
                one(s, venue)
        """,
        "s['score'] >= 3.0",
        "return",
        "2.31",
        "3.0",
        "s['score'] >= 3.0",
    ),
    (
        "an assert",
        """
        def decide(signals, venue):
            for s in signals:
                try:
                    assert s["score"] >= 3.0, "score"
                    venue.submit_order(s["symbol"])
                except AssertionError:
                    pass
        """,
        "s['score'] >= 3.0",
        "raise",
        "2.31",
        "3.0",
        "s['score'] >= 3.0",
    ),
    (
        "a generator",
        """
        def candidates(signals):
            for s in signals:
                if s["score"] < 3.0:
                    continue
                yield s

        def decide(signals, venue):
            for s in candidates(signals):
                venue.submit_order(s["symbol"])
        """,
        "s['score'] < 3.0",
        "continue",
        "2.31",
        "3.0",
        "s['score'] >= 3.0",
    ),
    (
        "a callee that sends",
        """
        def try_enter(s, venue):
            if s["score"] < 3.0:
                return None
            return venue.submit_order(s["symbol"])

        def decide(signals, venue):
            for s in signals:
                try_enter(s, venue)
        """,
        "s['score'] < 3.0",
        "return",
        "2.31",
        "3.0",
        "s['score'] >= 3.0",
    ),
    (
        "all() over checks",
        """
        def liquid(s): return s["volume"] > 10
        def strong(s): return s["score"] >= 3.0
        CHECKS = [liquid, strong]

        def decide(signals, venue):
            for s in signals:
                if all(check(s) for check in CHECKS):
                    venue.submit_order(s["symbol"])
        """,
        "s['score'] >= 3.0",
        "return",
        "2.31",
        "3.0",
        "s['score'] >= 3.0",
    ),
    (
        "filter() with a lambda",
        """
        def decide(signals, venue):
            for s in filter(lambda s: s["score"] >= 3.0, signals):
                venue.submit_order(s["symbol"])
        """,
        "s['score'] >= 3.0",
        "return",
        "2.31",
        "3.0",
        "s['score'] >= 3.0",
    ),
    (
        "a while loop over a queue",
        """
        def decide(signals, venue):
            queue = list(signals)
            while queue:
                s = queue.pop(0)
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
        "and as a statement",
        """
        def decide(signals, venue):
            for s in signals:
                s["score"] >= 3.0 and venue.submit_order(s["symbol"])
        """,
        "s['score'] >= 3.0",
        "no else",
        "2.31",
        "3.0",
        "s['score'] >= 3.0",
    ),
    (
        "an early return for one signal",
        """
        def one(s, venue):
            score = s["score"]
            if score < 3.0:
                return
            venue.submit_order(s["symbol"])

        def decide(signals, venue):
            [one(s, venue) for s in signals]
        """,
        "score < 3.0",
        "return",
        "2.31",
        "3.0",
        "score >= 3.0",
    ),
    (
        "a ternary that answers",
        """
        def check(s):
            return (True, "") if s["score"] >= 3.0 else (False, "low")

        def decide(signals, venue):
            for s in signals:
                ok, why = check(s)
                if not ok:
                    continue
                venue.submit_order(s["symbol"])
        """,
        "s['score'] >= 3.0",
        "return",
        "2.31",
        "3.0",
        "s['score'] >= 3.0",
    ),
    (
        "two stages",
        """
        def decide(signals, venue):
            picked = []
            for s in signals:
                if s["volume"] < 1:
                    continue
                picked.append(s)
            for s in picked:
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
        "only a list comes back",
        """
        def decide(signals, venue):
            chosen = []
            for s in signals:
                if s["score"] < 3.0:
                    continue
                chosen.append(s)
            return chosen
        """,
        "s['score'] < 3.0",
        "continue",
        "2.31",
        "3.0",
        "s['score'] >= 3.0",
    ),
]
