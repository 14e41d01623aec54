"""Healthy bots of every kind, as they lie on a disk: a few sizes and ages are drawn, the contents filled from a seed.

They are looked at with the real `look_at_files` and `look_at_services`, so the readers are tried with them.
"""

from __future__ import annotations

import json
import os
import random
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from harness.deployment import Deployment
from harness.observe.files import look_at_files
from harness.observe.services import look_at_services
from harness.observe.snapshot import AccountFacts, Answer, ProviderFacts, Snapshot, VenueFacts
from harness.services import ServiceState
from harness.vocabulary import Seen
from harness.vocabulary.roles import File, Limit, Service

ODD_TICKERS = (
    "BRK.B",
    "401",
    "403",
    "429",
    "null",
    "NaN",
    "status",
    "_meta",
    "metadata",
    "É",
    "A B",
    "-",
    "SPY 261218C00401000",
)
ODD_LINES = (
    '{"event": "filled", "symbol": "AAPL", "price": 401.0, "qty": 403}',
    '{"event": "quoted", "bid": 401, "ask": 403.01, "symbol": "401"}',
    '{"event": "polled", "status": 200, "rows": 401, "prints": 403}',
    "2026-11-25 15:00:01 INFO sold at 401, 403 shares left",
    "price=401 strike=403 latency_ms=401",
    '{"event": "filled", "symbol": "429", "price": 429.0, "qty": 429, "per_minute": 429}',
    "2026-11-25 15:00:02 INFO limit 429, 429 shares left, status quo",
    '{"event": "sized", "why": "401 dollars at risk", "status": 200, "value": 401}',
)
FILES = (
    File.FLOW_CACHE,
    File.FREEZES,
    File.FREEZE_FLAG,
    File.KILL_SWITCH,
    File.SIGNAL_WEIGHTS,
    File.RAISED_THRESHOLD,
    File.POSITIONS,
    File.COOLDOWNS,
)
SERVICES = (Service.FLOW_DAEMON, Service.TRADING_LOOP, Service.HEARTBEAT_KEEPER)
"""What the judges read; looking at the rest ten thousand times would prove nothing more."""
AGES = (0.0, 0.1, 0.5, 0.9)
"""Shares of a limit. 0.9 of it is late, and no alarm yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """What is drawn; everything else follows from `seed`."""

    seed: int
    symbols: int
    age: float
    """The share of every limit that is used up."""
    freeze: bool
    milliseconds: bool


def _state(content: dict[str, Any]) -> bytes:
    return json.dumps({"schema": 1, **content}).encode()


class Running:
    """A service manager under which everything runs: as this very process."""

    def look(self, name: str) -> ServiceState:
        return ServiceState(state="running", pid=os.getpid())

    def start(self, name: str) -> None:
        raise AssertionError("looking must start nothing")

    stop = start
    restart = start


class HealthyBot:
    """A folder with the reference bot's files, rewritten for each snapshot."""

    def __init__(self, deployment: Deployment) -> None:
        files = {role: deployment.toml.files[role] for role in FILES}
        services = {role: deployment.toml.services[role] for role in SERVICES}
        toml = deployment.toml.model_copy(update={"files": files, "services": services})
        self._deployment = replace(deployment, toml=toml)
        self._limits = deployment.limits
        for folder in deployment.toml.code.writes:
            (deployment.root / folder).mkdir()
        default = deployment.toml_path.parent / deployment.file(File.SIGNAL_WEIGHTS).default
        self._put(File.SIGNAL_WEIGHTS, default.read_bytes())

    def snapshot(self, drawn: Drawn) -> Snapshot:
        """Write the files of one healthy bot, and look at them."""
        rng = random.Random(drawn.seed)
        now_s = rng.uniform(1.0e9, 3.0e9)
        self._write_files(drawn, rng, now_s)
        self._write_cooldowns(drawn, rng, now_s)
        self._write_threshold(rng, now_s)
        self._write_services(drawn, rng, now_s)
        ports: dict[Service, Any] = dict.fromkeys(self._deployment.toml.services, Running())
        return Snapshot(
            now_s=now_s,
            files=look_at_files(self._deployment, now_s),
            services=look_at_services(self._deployment, ports, now_s),
            venue=self._venue(drawn, now_s),
            provider=ProviderFacts(reach=Seen(self._answer(drawn, rng), now_s)),
            limits=self._limits,
        )

    def _write_files(self, drawn: Drawn, rng: random.Random, now_s: float) -> None:
        updated_s = now_s - drawn.age * self._limits[Limit.FLOW_CACHE_AGE_S]
        last_update = int(updated_s * 1000) if drawn.milliseconds else updated_s
        names = [*ODD_TICKERS, *(f"S{n}" for n in range(drawn.symbols))]
        names = rng.sample(names, drawn.symbols)
        cache: dict[str, Any] = {"_metadata": {"last_update": last_update, "status": 401}}
        row = {"strike": 401.0, "status": 403, "premium": rng.randrange(10**6)}
        cache.update({name: {"flow": [row], "darkpool": []} for name in names})
        self._put(File.FLOW_CACHE, json.dumps(cache).encode())
        held = int(drawn.age * self._limits[Limit.OPEN_POSITIONS])
        self._put(File.POSITIONS, _state({"positions": {f"P{n}": {} for n in range(held)}}))
        over = {"active": True, "reason": "401 dollars lost", "until": now_s - rng.uniform(0.0, 10.0)}
        resting = {"active": False, "until": now_s + 100.0}
        freezes = {"performance": over, "governor": resting} if drawn.freeze else {}
        self._put(File.FREEZES, _state({"freezes": freezes}))
        released = {"active": False, "reason": "401 dollars lost" if drawn.freeze else "", "since": over["until"]}
        self._put(File.KILL_SWITCH, _state(released))

    def _write_cooldowns(self, drawn: Drawn, rng: random.Random, now_s: float) -> None:
        """Symbols that were traded at any time until just now: most rest no more, some still do."""
        lasts_s = self._limits[Limit.SYMBOL_COOLDOWN_S]
        stamps = {name: now_s - rng.uniform(drawn.age, 2.0) * lasts_s for name in rng.sample(ODD_TICKERS, 3)}
        stamps["JUST"] = now_s - drawn.age
        self._put(File.COOLDOWNS, json.dumps({"schema": 1, "cooldowns": stamps, "sha256": "401"}).encode())

    def _write_threshold(self, rng: random.Random, now_s: float) -> None:
        """Never raised, or lowered again by a win, or by time: then the record of the raise still stands."""
        over_s = now_s - rng.uniform(1.0, 2.0) * self._limits[Limit.RAISED_THRESHOLD_S]
        raised_at = rng.choice((None, over_s, int(over_s * 1000)))
        record = {"schema": 1, "consecutive_losses": rng.choice((0, 2, 401)), "raised_at": raised_at}
        self._put(File.RAISED_THRESHOLD, json.dumps(record).encode())

    def _write_services(self, drawn: Drawn, rng: random.Random, now_s: float) -> None:
        beat_s = now_s - drawn.age * self._limits[Limit.HEARTBEAT_AGE_S]
        cycled_s = now_s - drawn.age * self._limits[Limit.NO_CYCLE_S]
        root = self._deployment.root
        for table in self._deployment.toml.services.values():
            beat = {table.heartbeat_at: beat_s, "cycles": 401}
            if table.cycled_at:
                beat[table.cycled_at] = cycled_s
            (root / table.heartbeat).write_bytes(json.dumps(beat).encode())
            if table.log:
                lines = [*ODD_LINES, '{"event": "polled", "status": 200}']
                rng.shuffle(lines)
                (root / table.log).write_text("\n".join(lines), encoding="utf-8")

    def _answer(self, drawn: Drawn, rng: random.Random) -> Answer:
        """The provider's answer, with budgets as far used up as may be; some plans and proxies send no such header."""
        limit = rng.choice((20, 120, 429, 20_000))
        used = int(drawn.age * limit)
        headers = {
            "x-uw-minute-req-counter": str(used),
            "x-uw-req-per-minute-remaining": str(limit - used),
            "x-uw-daily-req-count": str(used),
            "x-uw-token-req-limit": str(limit),
        }
        told = rng.choice((headers, {}, dict.fromkeys(headers, "n/a"), dict.fromkeys(headers, "0")))
        return Answer(url="", status=rng.choice((200, 204, 503)), headers=told)

    def _put(self, role: File, content: bytes) -> None:
        Path(self._deployment.path(role)).write_bytes(content)

    def _venue(self, drawn: Drawn, now_s: float) -> VenueFacts:
        latency_s = drawn.age * self._limits[Limit.VENUE_LATENCY_S]
        least_usd = Decimal(str(self._limits[Limit.SMALLEST_ORDER_USD]))
        left_usd = least_usd / Decimal(str(drawn.age)) if drawn.age else least_usd
        held = {f"P{n}": Decimal(1) for n in range(int(drawn.age * self._limits[Limit.OPEN_POSITIONS]))}
        account = AccountFacts(status="ACTIVE", buying_power_usd=left_usd, equity_usd=left_usd, cash_usd=left_usd)
        return VenueFacts(
            reach=Seen(Answer(url="", status=200, latency_s=latency_s), now_s),
            account=Seen(account, now_s),
            positions=Seen(held, now_s),
            session_open=Seen(True, now_s),
        )
