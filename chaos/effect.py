"""What a fault says when it did not happen."""

from __future__ import annotations


class NoEffect(Exception):
    """The fault was injected, and the world did not change: a test that went on would prove nothing."""
