"""A state file holds something that the bot cannot read back.

A power cut left NUL bytes, a hand edit lost a brace, a disk filled halfway through a write. A book can be filled again
from the venue; a brake cannot, and an unreadable brake must not count as a released one.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.failure_point import FailurePoint, Sheet
from harness.observe.snapshot import FileFacts, Snapshot
from harness.remedy import bot_does
from harness.vocabulary import Blocks, Cause, Desk, Evidence, Finding, NotApplicable, Severity, Stage, Status
from harness.vocabulary.roles import STATE_DOCUMENTS

SHEET = Sheet(
    id="FP-5.3",
    title="State file corrupt",
    desk=Desk.BOTH,
    severity=Severity.CRITICAL,
    cause=Cause.DATA,
    impact="The bot refuses to trade on what it cannot read.",
    blocks=Blocks.ALL,
    stage=Stage.GATE,
    recovers_within_s=60.0,
    playbook=(
        "Keep a copy of the file: it is the evidence.",
        "A book (positions, cooldowns): the bot moves it aside and fills a new one within a cycle; compare the two.",
        "A brake (kill switch, freezes, threshold): find out what it said, and write it again by hand.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateFiles(Evidence):
    """Every state file that cannot be used, and why, in the same order; how many there are to read."""

    corrupt: tuple[str, ...]
    why: tuple[str, ...]
    state_files: int


def state_files(snapshot: Snapshot) -> Finding[StateFiles]:
    """Every state file that exists is a JSON object of the form that bot.toml declares."""
    facts = [snapshot.files[role] for role in STATE_DOCUMENTS if role in snapshot.files]
    lying = [fact.value for fact in facts if fact.seen and fact.value.exists]
    corrupt = {file.path: why for file in lying if (why := _damage(file))}
    found = StateFiles(corrupt=tuple(corrupt), why=tuple(corrupt.values()), state_files=len(lying))
    if corrupt:
        said = "; ".join(f"{path}: {why}" for path, why in corrupt.items())
        return Finding(Status.ERROR, f"cannot be used: {said}", found)
    for fact in facts:
        _ = fact.value  # one that nobody could look at may be the corrupt one
    if not facts:
        raise NotApplicable("bot.toml names no state file")
    return Finding(Status.OK, f"all {len(lying)} state files can be read", found)


def _damage(file: FileFacts) -> str:
    """Why the content is no state; empty where it is."""
    if file.fault:
        return file.fault
    if not isinstance(file.content, dict):
        # a bot that numbers no schema may keep its book as a list
        return "" if isinstance(file.content, list) and not file.schemas else "not a JSON object"
    if file.schemas and type(file.content.get("schema")) is not int:
        return "its schema number is missing"
    if file.schemas and file.content["schema"] not in file.schemas:
        return ""  # another version's form: that it cannot be read is another point's business
    return "its table of entries is missing" if file.entries is None else ""


FP = FailurePoint(
    SHEET,
    detect=state_files,
    heal=bot_does("a book is moved aside and filled from the venue; with a corrupt brake it refuses to trade"),
)
