"""The composition root: every command, and the only room that hands `chaos` to the lab."""

from harness.cli.main import main

__all__ = ["main"]
