"""The `heartbeat` process: reads the other two hearts and writes `state/health.json`.

A part that was not seen lately is never green, however green it was before.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import Literal

import msgspec

from bot.durable.atomic import write_atomically
from bot.heartbeat import read_heartbeat
from bot.home import Home, find_home, prepare
from bot.journal import Journal
from bot.settings import Settings, load_settings
from bot.stopping import Stop, only_one

Light = Literal["green", "red", "unknown"]


class Part(msgspec.Struct, kw_only=True):
    """One process: how old its heartbeat and its last finished work are, in seconds, beside how old they may be."""

    light: Light
    reason: str
    pid: int | None = None
    age_s: float | None = None
    age_s_max: float
    work_age_s: float | None = None
    work_age_s_max: float
    cycles: int | None = None


class Health(msgspec.Struct, kw_only=True):
    """The whole bot at `at` (unix seconds): green only when every part is."""

    schema: int
    pid: int
    at: float
    checks: int
    light: Light
    parts: dict[str, Part]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How old a heart's beat and its work may be, in seconds."""

    beat_s_max: float
    work_s_max: float


def rhythms(settings: Settings) -> dict[str, Rhythm]:
    """Three intervals, and never less than the deadlines of the calls in between."""
    beat_s = max(3 * settings.heartbeat_interval_s, 15.0)
    loop_s = 3 * settings.cycle_interval_s + settings.cycle_deadline_s
    poll_s = max(3 * settings.uw_poll_interval_s + 2 * settings.uw_deadline_s, 60.0)
    return {
        "uw_daemon": Rhythm(beat_s_max=beat_s + 2 * settings.uw_deadline_s, work_s_max=poll_s),
        "trading_loop": Rhythm(beat_s_max=beat_s + settings.cycle_deadline_s, work_s_max=loop_s),
    }


def judge(home: Home, settings: Settings, *, now: float, checks: int) -> Health:
    """Read both hearts and say how the bot is."""
    parts = {name: _judge_part(home, name, rhythm, now) for name, rhythm in rhythms(settings).items()}
    lights = {part.light for part in parts.values()}
    light: Light = "red" if "red" in lights else "unknown" if "unknown" in lights else "green"
    return Health(schema=1, pid=os.getpid(), at=now, checks=checks, light=light, parts=parts)


def _judge_part(home: Home, name: str, rhythm: Rhythm, now: float) -> Part:
    heart = read_heartbeat(home.state / f"heartbeat_{name}.json")
    part = Part(
        light="unknown",
        reason="no readable heartbeat",
        age_s_max=rhythm.beat_s_max,
        work_age_s_max=rhythm.work_s_max,
    )
    if heart is None:
        return part
    age_s = now - heart.at
    work_age_s = None if heart.last_cycle_at is None else now - heart.last_cycle_at
    light: Light = "green"
    reason = "beating and working"
    if not -5.0 <= age_s <= rhythm.beat_s_max:
        light, reason = "red", f"the heartbeat is {age_s:.0f} s old"
    elif not _is_alive(heart.pid):
        light, reason = "red", f"process {heart.pid} is gone"
    elif work_age_s is None:
        light, reason = "unknown", "nothing finished yet"
    elif work_age_s > rhythm.work_s_max:
        light, reason = "red", f"the last finished work is {work_age_s:.0f} s old"
    part.light, part.reason, part.pid, part.cycles = light, reason, heart.pid, heart.cycles
    part.age_s, part.work_age_s = age_s, work_age_s
    return part


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def run(stop: Stop) -> None:
    """Judge until `stop`. Raises SettingsError, AlreadyRunning, OSError."""
    home = find_home()
    settings = load_settings(home.settings_file)
    prepare(home)
    journal = Journal(home.logs / "heartbeat.jsonl")
    with only_one(home.state / "heartbeat.lock"):
        journal.info("started")
        checks, before = 0, ""
        while not stop.is_set():
            checks += 1
            health = judge(home, settings, now=time.time(), checks=checks)
            try:
                write_atomically(home.state / "health.json", msgspec.json.encode(health), sync=False)
            except OSError as error:
                journal.error("health_not_written", why=str(error))
            if health.light != before:
                reasons = [f"{name}: {part.reason}" for name, part in health.parts.items()]
                journal.info("health", light=health.light, reasons=reasons)
                before = health.light
            stop.wait(settings.health_interval_s)
        journal.info("stopped", checks=checks)
