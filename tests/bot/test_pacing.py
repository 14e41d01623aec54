"""The token bucket."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.clients.pacing import Pacer


class HandClock:
    """A monotonic clock that moves when told."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@given(
    per_minute=st.integers(1, 600),
    pauses_s=st.lists(st.floats(0, 30, allow_nan=False), min_size=1, max_size=200),
)
def test_no_window_holds_more_than_rate_and_burst(per_minute: int, pauses_s: list[float]) -> None:
    """However greedily it is asked, any window of time holds at most its share of the rate plus one burst."""
    clock = HandClock()
    pacer = Pacer(per_minute, monotonic=clock)
    taken: list[float] = []
    for pause_s in pauses_s:
        clock.now_s += pause_s
        while pacer.wait_s() == 0.0:
            taken.append(clock.now_s)
    burst = max(1, per_minute // 6)

    for index, start in enumerate(taken):
        inside = sum(start <= at <= start + 60 for at in taken[index:])
        assert inside <= per_minute + burst + 1


@given(per_minute=st.integers(1, 600))
def test_the_wait_that_is_told_is_enough(per_minute: int) -> None:
    """Whoever waits as long as he was told gets his token."""
    clock = HandClock()
    pacer = Pacer(per_minute, monotonic=clock)
    while (wait_s := pacer.wait_s()) == 0.0:
        continue
    clock.now_s += wait_s + 0.001

    assert 0 < wait_s <= 60.0
    assert pacer.wait_s() == 0.0


@given(per_minute=st.integers(1, 600), refusals=st.integers(1, 20))
def test_a_slowed_pacer_recovers(per_minute: int, refusals: int) -> None:
    """Each refusal halves the rate, never below one a minute; good requests bring all of it back and no more."""
    pacer = Pacer(per_minute, monotonic=HandClock())
    for _ in range(refusals):
        pacer.slow_down()
    slowed = pacer.per_minute
    for _ in range(12):
        pacer.speed_up()

    assert slowed == max(1, per_minute >> refusals)
    assert pacer.per_minute == per_minute


@given(per_minute=st.integers(1, 600), least=st.integers(1, 700), refusals=st.integers(1, 20))
def test_a_pacer_has_a_least_rate(per_minute: int, least: int, refusals: int) -> None:
    """However often it is refused, its rate ends at the least one, or at the full one where that is less."""
    pacer = Pacer(per_minute, per_minute_min=least, monotonic=HandClock())
    for _ in range(refusals):
        pacer.slow_down()

    assert pacer.per_minute == max(min(per_minute, least), per_minute >> refusals)


def test_after_a_refusal_the_next_request_waits() -> None:
    """A full bucket is no excuse to go on at once."""
    pacer = Pacer(60, monotonic=HandClock())
    pacer.slow_down()

    assert pacer.wait_s() > 1.0
