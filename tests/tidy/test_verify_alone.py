"""`make verify` needs no more than its own lock, though the tests share its environment."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import packages_distributions

from packaging.utils import canonicalize_name

from tests.tidy.sources import ROOT, python
from tests.tidy.test_locks import pins

# what `python -m harness verify` can come to load; the probe lives in the bot's interpreter, not in ours
LOADED = ("bot/", "fixtures/", "harness/", "chaos/wire/")
NOT_HERE = ("harness/tracing/probe/", "__main__.py")
PROGRAM = """
import importlib, sys

class OnlyInTests:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ModuleNotFoundError(f"{name} is not in requirements/verify.txt", name=name)

BLOCKED, modules = set(sys.argv[1].split(",")), sys.argv[2].split(",")
sys.meta_path.insert(0, OnlyInTests())
for module in modules:
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as missing:
        print(f"{module}: {missing}")
"""


def only_in_tests() -> set[str]:
    """Import names that the test lock brings and the verify lock does not."""
    locked = set(pins("verify"))
    names = packages_distributions().items()
    return {name for name, brought_by in names if not locked & {canonicalize_name(one) for one in brought_by}}


def loaded() -> list[str]:
    """The modules that a verify can come to load."""
    found = (source.path for source in python() if source.path.startswith(LOADED))
    modules = [
        path.removesuffix(".py").replace("/", ".") for path in found if not any(part in path for part in NOT_HERE)
    ]
    return [module.removesuffix(".__init__") for module in modules]


def test_verify_loads_only_what_its_lock_holds() -> None:
    """Every module behind `make verify` imports with nothing installed but requirements/verify.txt."""
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, ",".join(only_in_tests()), ",".join(loaded())],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert {"pytest", "docker", "hypothesis"} <= only_in_tests()
    assert (ran.stdout, ran.returncode) == ("", 0), ran.stderr
