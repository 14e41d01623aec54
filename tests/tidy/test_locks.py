"""The locks say exactly what pyproject.toml asks for, by hash and without a host."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.tidy.sources import ROOT

EXTRAS = {"verify": ("lab", "equities"), "test": ("lab", "equities", "test")}
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """One locked release: its version, and what in the lock says about it."""

    version: Version
    hashes: int
    asked_for_by_project: bool


def pins(name: str) -> dict[str, list[Pin]]:
    """Each locked distribution with its releases (one for each range of Pythons)."""
    found: dict[str, list[Pin]] = {}
    blocks = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8"))
    for block in blocks:
        pinned = PIN.match(block)
        if pinned:
            pin = Pin(
                version=Version(pinned.group(2)),
                hashes=block.count("--hash=sha256:"),
                asked_for_by_project="signal-to-order (pyproject.toml)" in block,
            )
            found.setdefault(canonicalize_name(pinned.group(1)), []).append(pin)
    return found


def wanted(name: str) -> list[Requirement]:
    """What pyproject.toml asks for in the extras of this lock."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [
        *project["dependencies"],
        *(line for key in EXTRAS[name] for line in project["optional-dependencies"][key]),
    ]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("name", EXTRAS)
def test_lock_is_in_step(name: str) -> None:
    """Every requirement of pyproject.toml is locked at a version it allows, and none is locked that it dropped."""
    locked, requirements = pins(name), wanted(name)
    missing = [
        str(requirement)
        for requirement in requirements
        if not any(
            requirement.specifier.contains(pin.version) for pin in locked.get(canonicalize_name(requirement.name), [])
        )
    ]
    dropped = {key for key, releases in locked.items() if any(pin.asked_for_by_project for pin in releases)} - {
        canonicalize_name(requirement.name) for requirement in requirements
    }

    assert (missing, dropped) == ([], set()), "run `make lock`"


@pytest.mark.parametrize("name", [*EXTRAS, "uv"])
def test_every_release_has_its_hashes(name: str) -> None:
    """Nothing is installed that is not the very file that was locked."""
    locked = pins(name)

    assert locked != {}
    assert [key for key, releases in locked.items() if any(pin.hashes == 0 for pin in releases)] == []


@pytest.mark.parametrize("name", ["verify", "uv"])
def test_one_environment_serves_both(name: str) -> None:
    """The lock of the tests holds everything that the smaller locks hold, at the same versions."""
    whole = {key: {pin.version for pin in releases} for key, releases in pins("test").items()}
    part = {key: {pin.version for pin in releases} for key, releases in pins(name).items()}

    assert part.items() <= whole.items()
