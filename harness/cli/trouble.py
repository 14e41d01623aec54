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
        raise Trouble(_sentence(error)) from error


def _sentence(error: Exception) -> str:
    """Of an error of the system its own words and the file, without the number."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)
