"""Going through a syntax tree our way finds and places what Python's own way does."""

from __future__ import annotations

import ast
import copy

from harness.tracing.probe.nodes import inside, locate
from tests.tidy.sources import python

PLACE = ("lineno", "col_offset", "end_lineno", "end_col_offset")
SOURCES = [source for source in python("bot", "harness/tracing") if source.tree.body]


def test_the_same_nodes_are_found() -> None:
    """All of them, each once, but for contexts and operators, which have neither a place nor anything below."""
    for source in SOURCES:
        expected = [id(node) for node in ast.walk(source.tree) if node._attributes or node._fields]

        assert sorted(map(id, inside(source.tree))) == sorted(expected), source.path


def test_what_is_left_out_is_left_out_with_all_below() -> None:
    """A lambda's body runs at another time than the statement that holds it."""
    tree = ast.parse("a = sorted(b, key=lambda c: d(c))")
    names = {node.id for node in inside(tree, without=ast.Lambda) if isinstance(node, ast.Name)}

    assert names == {"a", "sorted", "b"}


def test_the_same_places_are_given() -> None:
    """Every third node loses its place, or the end of it, and gets the one that `ast.fix_missing_locations` gives."""
    for source in SOURCES:
        ours = copy.deepcopy(source.tree)
        for number, node in enumerate(ast.walk(ours)):
            for name in PLACE if number % 3 == 0 else PLACE[2:] if number % 3 == 1 else ():
                node.__dict__.pop(name, None)
        theirs = ast.fix_missing_locations(copy.deepcopy(ours))
        locate(ours)

        assert ast.dump(ours, include_attributes=True) == ast.dump(theirs, include_attributes=True), source.path
