"""The catalogue: all failure points there are to cover, and those that are built, found by their place."""

from harness.catalogue.catalogue import Entry, UnknownPoint, built, entries, find, nearest

__all__ = ["Entry", "UnknownPoint", "built", "entries", "find", "nearest"]
