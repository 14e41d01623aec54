"""A state file was written by a version of the bot that this one does not know.

After a roll-back, or with two versions side by side, the newer file lies there in good order, and the older program
would read it wrongly without an error: a field that moved is a freeze that is not seen.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.failure_point import FailurePoint, Sheet
from harness.observe.snapshot import FileFacts, Snapshot
from harness.remedy import bot_does
from harness.vocabulary import Blocks, Cause, Desk, Evidence, Finding, NotApplicable, Severity, Stage, Status

SHEET = Sheet(
    id="FP-5.10",
    title="State schema version not supported",
    desk=Desk.BOTH,
    severity=Severity.CRITICAL,
    cause=Cause.SCHEMA,
    impact="The bot refuses to trade on state that another version wrote.",
    blocks=Blocks.ALL,
    stage=Stage.GATE,
    recovers_within_s=60.0,
    playbook=(
        "Which version wrote the file, and which one runs?",
        "Run the version that wrote it, or put back the file that belongs to this one.",
        "Never edit the number: what the newer version added would be read wrongly, or lost.",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateSchemas(Evidence):
    """The files with an unknown schema number, that number, and the numbers that the bot can read, in one order."""

    files: tuple[str, ...]
    schemas: tuple[int, ...]
    known: tuple[str, ...]


def state_schemas(snapshot: Snapshot) -> Finding[StateSchemas]:
    """Every file whose schema numbers bot.toml declares carries one of them."""
    facts = snapshot.files.facts.values()
    numbered = [fact.value for fact in facts if fact.seen and fact.value.schemas]
    unknown = [(file, number) for file in numbered if (number := _number(file)) not in (None, *file.schemas)]
    found = StateSchemas(
        files=tuple(file.path for file, _ in unknown),
        schemas=tuple(number for _, number in unknown if number is not None),
        known=tuple(_known(file) for file, _ in unknown),
    )
    if unknown:
        said = "; ".join(f"{file.path} has schema {number}, this bot knows {_known(file)}" for file, number in unknown)
        return Finding(Status.ERROR, said, found)
    for fact in facts:
        _ = fact.value  # one that nobody could look at may be the one from another version
    if not numbered:
        raise NotApplicable("bot.toml declares schemas for no file")
    return Finding(Status.OK, f"{len(numbered)} files carry schemas that the bot knows", found)


def _number(file: FileFacts) -> int | None:
    """Its schema number; None where it has none, which is damage and another point's business."""
    number = file.content.get("schema") if isinstance(file.content, dict) else None
    return number if type(number) is int else None


def _known(file: FileFacts) -> str:
    return ", ".join(map(str, file.schemas))


FP = FailurePoint(
    SHEET,
    detect=state_schemas,
    heal=bot_does("known versions are migrated; one that it does not know is left alone, and it refuses to trade"),
)
