"""The healing controller: decide, act within budgets, look again, escalate.

It acts only on a `Remedy`. What the bot does itself is watched, what expires is left until its recorded time, what
is intended stays, and everything else goes to a person with the playbook.
"""

from __future__ import annotations

import enum
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from harness.deployment import Deployment
from harness.failure_point import NO_REMEDY, Judged, judge
from harness.healing.acts import ActFailed, act
from harness.healing.budget import WINDOW_S, Budgets
from harness.healing.journal import Journal
from harness.observe.snapshot import Snapshot
from harness.remedy import BotDoes, Expire, Intended, Remedy
from harness.services import ServiceFailed, ServicePort
from harness.vocabulary import Status
from harness.vocabulary.roles import Service


class Outcome(enum.StrEnum):
    """What the controller came to."""

    HEALED = "healed"
    ESCALATED = "escalated"
    LEFT_TO_BOT = "left to the bot"
    WAITING = "waiting for its recorded end"
    INTENDED = "intended"
    BUSY = "busy: another act on this target is under way"
    NOTHING = "nothing to heal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Healing:
    """One decision of the controller, what was done, and what a fresh look said afterwards."""

    point: str
    outcome: Outcome
    did: str = ""
    why: str = ""
    playbook: tuple[str, ...] = ()
    before: str
    after: str = ""
    duration_s: float = 0.0


class Healer:
    """One controller for one bot. `settled` waits until a look is worth taking, and says whether it is."""

    def __init__(
        self,
        deployment: Deployment,
        *,
        ports: Mapping[Service, ServicePort],
        observe: Callable[[], Snapshot],
        settled: Callable[[Callable[[], bool], float], bool],
        journal: Journal,
        budgets: Budgets | None = None,
    ) -> None:
        self._deployment = deployment
        self._ports = ports
        self._observe = observe
        self._settled = settled
        self._journal = journal
        self._budgets = budgets or _remembered(journal)
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def heal(self, judged: Judged, snapshot: Snapshot) -> Healing:
        """Do about `judged` what its failure point says, and write it down."""
        started_s = time.monotonic()
        healing = self._decide(judged, snapshot)
        healing = replace(healing, duration_s=time.monotonic() - started_s)
        self._note(
            "after", judged, {"outcome": healing.outcome, "did": healing.did, "why": healing.why, "look": healing.after}
        )
        return healing

    def _decide(self, judged: Judged, snapshot: Snapshot) -> Healing:
        said = judged.finding.summary
        plain = Healing(point=judged.id, outcome=Outcome.NOTHING, before=said)
        heal = judged.point.heal
        if not judged.applies or judged.status in (Status.OK, Status.WARN):
            return replace(plain, why="it is not in error")
        if judged.status is Status.UNKNOWN:
            return self._escalated(judged, "it is not known whether anything is wrong; acting would be a guess")
        if isinstance(heal, Remedy):
            if judged.point.sheet.cause in NO_REMEDY:
                return self._escalated(judged, f"points of class {judged.point.sheet.cause} know no remedy")
            return self._act_on(judged, heal)
        if isinstance(heal, BotDoes):
            return replace(plain, outcome=Outcome.LEFT_TO_BOT, why=str(heal))
        if isinstance(heal, Intended):
            return replace(plain, outcome=Outcome.INTENDED, why=str(heal))
        if isinstance(heal, Expire):
            until_s = heal.until(snapshot)
            if until_s is None:
                return self._escalated(judged, "it has no recorded end; only a person may end it")
            return replace(plain, outcome=Outcome.WAITING, why=f"{heal}; {until_s - snapshot.now_s:.0f} s from now")
        return self._escalated(judged, str(heal))

    def _act_on(self, judged: Judged, remedy: Remedy) -> Healing:
        """One budgeted act on one target, then a fresh look."""
        lock = self._locks[remedy.target]
        if not lock.acquire(blocking=False):
            return Healing(point=judged.id, outcome=Outcome.BUSY, before=judged.finding.summary)
        try:
            if not self._budgets.left(remedy.target, remedy.acts_per_hour_max, time.monotonic()):
                return self._escalated(
                    judged, f"{remedy.acts_per_hour_max} acts on {remedy.target} in an hour did not help"
                )
            self._budgets.spend(remedy.target, time.monotonic())
            self._note("before", judged, {"remedy": str(remedy), "target": remedy.target})
            try:
                did = act(remedy, self._deployment, self._ports)
            except (ActFailed, ServiceFailed, OSError) as error:
                return self._escalated(judged, f"{remedy} failed: {error}")
            return self._look_again(judged, did)
        finally:
            lock.release()

    def _look_again(self, judged: Judged, did: str) -> Healing:
        """The remedy says it is done; only a fresh look that says OK is believed."""
        last: list[Judged] = []

        def ok() -> bool:
            last[:] = [judge(judged.point, self._observe())]
            return last[0].status is Status.OK

        if self._settled(ok, judged.point.sheet.recovers_within_s):
            return Healing(
                point=judged.id,
                outcome=Outcome.HEALED,
                did=did,
                before=judged.finding.summary,
                after=last[0].finding.summary,
            )
        within = f"{did}, and {judged.point.sheet.recovers_within_s:g} s later it still says: {last[0].finding.summary}"
        return replace(self._escalated(judged, within), did=did, after=last[0].finding.summary)

    def _escalated(self, judged: Judged, why: str) -> Healing:
        return Healing(
            point=judged.id,
            outcome=Outcome.ESCALATED,
            why=why,
            playbook=judged.point.sheet.playbook,
            before=judged.finding.summary,
        )

    def _note(self, when: str, judged: Judged, facts: dict[str, str]) -> None:
        entry = {"at_s": time.time(), "when": when, "point": judged.id, "status": judged.status.name, **facts}
        self._journal.write(entry)


def _remembered(journal: Journal) -> Budgets:
    """Budgets that know what the journal says was done in the last hour: a restart must not refill them."""
    budgets = Budgets()
    for entry in journal.entries():
        age_s = time.time() - float(entry.get("at_s", 0.0))
        if entry.get("when") == "before" and "target" in entry and 0 <= age_s < WINDOW_S:
            budgets.spend(str(entry["target"]), time.monotonic() - age_s)
    return budgets
