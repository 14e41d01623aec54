"""Readiness: one whole verification of a bot, from a bench to a verdict with its reasons and its receipt."""

from harness.readiness.verify import Options, verify

__all__ = ["Options", "verify"]
