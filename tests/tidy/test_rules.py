"""Each rule holds for the whole tree, and each rule finds what it forbids."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.tidy import proof, shape, words
from tests.tidy.sources import Source, python, texts

Rule = Callable[[Source], Iterator[str]]

TESTS = ("tests", "fp_tests")
REAL_FAULTS = ("chaos", "fp_tests")
EMPTY, END = words.EMPTY[1], words.ENDS[0]
LONG = "def long():\n" + "    x = 1\n" * shape.FUNCTION_LINES_MAX

# what breaks each rule, and what comes close and does not
BREAKS: tuple[tuple[Rule, str, str], ...] = (
    (shape.long_functions, LONG, LONG.replace("    x = 1\n", "", 1)),
    (shape.long_modules, "x = 1\n" * (shape.MODULE_LINES_MAX + 1), "x = 1\n" * shape.MODULE_LINES_MAX),
    (shape.undone, "def f():\n    raise NotImplementedError\n", "def f():\n    raise ValueError\n"),
    (shape.undone, "x = 1  # TO" + "DO later\n", "x = 1  # later\n"),
    (
        shape.silent_handlers,
        "try:\n    f()\nexcept OSError:\n    pass\n",
        "try:\n    f()\nexcept OSError:\n    pass  # gone already\n",
    ),
    (
        shape.silent_handlers,
        "try:\n    f()\nexcept OSError:  # noqa: S110\n    continue\n",
        "try:\n    f()\nexcept OSError:\n    x = 1\n",
    ),
    (shape.silent_handlers, "try:\n    f()\nexcept:\n    x = 1\n", "try:\n    f()\nexcept KeyError:\n    x = 1\n"),
    (
        shape.silent_handlers,
        "with contextlib.suppress(Exception):\n    f()\n",
        "with contextlib.suppress(KeyError):\n    f()\n",
    ),
    (proof.nothing_asserted, "def test_x():\n    f()\n", "def test_x():\n    assert f()\n"),
    (
        proof.nothing_asserted,
        "def test_x():\n    assert True\n",
        "def test_x():\n    with pytest.raises(E):\n        f()\n",
    ),
    (proof.nothing_asserted, "def test_x():\n    assert (f(), 'said')\n", "def x():\n    f()\n"),
    (proof.unstated, "def test_x():\n    assert f()\n", "def test_x():\n    'A fact.'\n"),
    (proof.sleeping, "import time\ntime.sleep(1)\n", "import asyncio\nawait asyncio.sleep(0)\n"),
    (proof.sleeping, "from time import sleep as rest\nrest(1)\n", "def sleep(): ...\nsleep()\n"),
    (proof.skipping, "import pytest\npytest.skip('no')\n", "import pytest\npytest.fail('no')\n"),
    (proof.skipping, "@pytest.mark.xfail\ndef test_x(): ...\n", "@pytest.mark.needs('strace')\ndef test_x(): ...\n"),
    (proof.skipping, "from pytest import importorskip\n", "from pytest import raises\n"),
    (proof.pretending, "def test_x(monkeypatch): ...\n", "def test_x(fault): ...\n"),
    (proof.pretending, "from unittest import mock\n", "from unittest import TestCase\n"),
    (proof.pretending, "import unittest.mock\n", "import unittest\n"),
    (words.empty_names, f"class Order{EMPTY.title()}: ...\n", "class OrderBook: ...\n"),
    (words.empty_names, f"def {EMPTY}s(): ...\n", f"import {EMPTY}s\n"),
    (words.empty_names, f"x.{END}_score = 1\n", "x.last_score = 1\n"),
    (words.empty_prose, f"# a {EMPTY}\n", f"# the service {words.EMPTY[0]}\n"),
    (words.empty_prose, f'"""The {END} word."""\n', f'x = "the {END} word"\n'),
    (words.registry_hosts, f"# see https://{words.REGISTRIES[0]}/x\n", "# see the index\n"),
    (words.machine_paths, "x = '/ro" + "ot/x'\n", "x = '{root}/x'\n"),
    (words.machine_paths, "x = '/ho" + "me/jo/x'\n", "x = 'state/home/x'\n"),
)
CASES = [pytest.param(*case, id=f"{case[0].__name__}-{number}") for number, case in enumerate(BREAKS)]


def offences(rule: Rule, sources: tuple[Source, ...]) -> list[str]:
    return [offence for source in sources for offence in rule(source)]


@pytest.mark.parametrize("rule", [*shape.SHAPE, words.empty_names])
def test_every_python_file_keeps_the_rule(rule: Rule) -> None:
    """Every Python file of the project keeps the rules of shape and of naming."""
    assert offences(rule, python()) == []


@pytest.mark.parametrize("rule", [*words.WORDS, words.empty_prose])
def test_every_text_keeps_the_rule(rule: Rule) -> None:
    """No text of the project names a registry, a path of one machine, or leans on an empty word."""
    assert offences(rule, texts()) == []


@pytest.mark.parametrize("rule", proof.PROOF)
def test_every_test_keeps_the_rule(rule: Rule) -> None:
    """Every test asserts, states its fact, never sleeps and never skips."""
    assert offences(rule, python(*TESTS)) == []


def test_faults_are_real() -> None:
    """Nothing is mocked or patched where faults are injected or failure points proven."""
    assert offences(proof.pretending, python(*REAL_FAULTS)) == []


@pytest.mark.parametrize(("rule", "broken", "_"), CASES)
def test_rule_finds_what_it_forbids(rule: Rule, broken: str, _: str) -> None:
    """A text made to break the rule is found, so the rule can fail."""
    assert offences(rule, (Source(path="tests/test_x.py", text=broken),)) != []


@pytest.mark.parametrize(("rule", "_", "sound"), CASES)
def test_rule_leaves_the_rest_alone(rule: Rule, _: str, sound: str) -> None:
    """A text that comes close and is allowed is not found."""
    assert offences(rule, (Source(path="tests/test_x.py", text=sound),)) == []
