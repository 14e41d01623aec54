"""The canary: one golden signal through the bot's real code, believed only by the venue's own ledger."""

from harness.canary.send import send

__all__ = ["send"]
