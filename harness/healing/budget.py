"""How often one target may be acted upon: so many acts in any hour, counted over every point that names it."""

from __future__ import annotations

from collections import defaultdict, deque

WINDOW_S = 3600.0


class Budgets:
    """Acts per target in a sliding hour. Time is given by the caller, so that a stepped wall clock cannot refill it."""

    def __init__(self) -> None:
        self._acts: defaultdict[str, deque[float]] = defaultdict(deque)

    def left(self, target: str, acts_max: int, now_s: float) -> int:
        """How many acts on `target` are left at the monotonic time `now_s` (seconds)."""
        acts = self._acts[target]
        while acts and now_s - acts[0] >= WINDOW_S:
            acts.popleft()
        return max(0, acts_max - len(acts))

    def spend(self, target: str, now_s: float) -> None:
        """One act on `target` begins, whether or not it will help."""
        self._acts[target].append(now_s)
