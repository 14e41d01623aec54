"""Errors for people: what ends a command with one sentence and exit code 3."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class Trouble(Exception):
    """The command cannot do what was asked; the message names the thing and the way out."""


@contextmanager
def sentences(*kinds: type[Exception]) -> Iterator[None]:
    """Turn errors that already are one clear sentence into `Trouble`."""
    try:
        yield
    except kinds as error:
        raise Trouble(str(error)) from error
