"""Rules about tests: each asserts, states its fact, never sleeps, never skips, and breaks things for real."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.tidy.sources import Source

Function = ast.FunctionDef | ast.AsyncFunctionDef
SKIPS = {"skip", "skipif", "xfail", "importorskip", "SkipTest", "expectedFailure"}
MOCKS = {"monkeypatch", "mock", "mocker", "MagicMock", "Mock", "AsyncMock", "patch", "MonkeyPatch"}


def tests_of(source: Source) -> Iterator[Function]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            yield node


def nothing_asserted(source: Source) -> Iterator[str]:
    """Each test has an assertion that can fail."""
    for test in tests_of(source):
        asserts = [node for node in ast.walk(test) if isinstance(node, ast.Assert)]
        if not asserts and not any(_expects(node) for node in ast.walk(test)):
            yield f"{source.at(test.lineno)} {test.name} asserts nothing"
        for node in asserts:
            if isinstance(node.test, ast.Constant | ast.Tuple):
                yield f"{source.at(node.lineno)} {test.name} asserts what is always true"


def _expects(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = ast.unparse(node.func).rpartition(".")[2]
    return name in ("raises", "warns", "run_state_machine_as_test") or name.startswith("assert_")


def unstated(source: Source) -> Iterator[str]:
    """A test's docstring is the fact that it states."""
    for test in tests_of(source):
        if not ast.get_docstring(test):
            yield f"{source.at(test.lineno)} {test.name} does not say which fact it states"


def sleeping(source: Source) -> Iterator[str]:
    """A test waits for a condition, an event or a clock of its own, never for time to pass."""
    named = {
        alias.asname or alias.name
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom) and node.module in ("time", "asyncio", "anyio")
        for alias in node.names
        if alias.name == "sleep"
    }
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        yields = bool(node.args) and isinstance(node.args[0], ast.Constant) and node.args[0].value == 0
        if (called in ("time.sleep", "asyncio.sleep", "anyio.sleep") or called in named) and not yields:
            yield f"{source.at(node.lineno)} sleeps"


def skipping(source: Source) -> Iterator[str]:
    """Only the mark `needs` may leave a test out, and the report then says UNVERIFIED."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and node.attr in SKIPS:
            yield f"{source.at(node.lineno)} {ast.unparse(node)}: use pytest.mark.needs"
        if isinstance(node, ast.ImportFrom) and node.module in ("pytest", "unittest"):
            for alias in node.names:
                if alias.name in SKIPS:
                    yield f"{source.at(node.lineno)} {alias.name}: use pytest.mark.needs"


def pretending(source: Source) -> Iterator[str]:
    """Faults are real: where things are broken on purpose, nothing is patched or replaced."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.arg) and node.arg in MOCKS:
            yield f"{source.at(node.lineno)} takes {node.arg}; is the fault real?"
        if isinstance(node, ast.Import) and any("mock" in alias.name for alias in node.names):
            yield f"{source.at(node.lineno)} imports mock; is the fault real?"
        if isinstance(node, ast.ImportFrom):
            for name in {node.module or "", *(alias.name for alias in node.names)} & (MOCKS | {"unittest.mock"}):
                yield f"{source.at(node.lineno)} imports {name}; is the fault real?"
        if isinstance(node, ast.Attribute) and node.attr in ("MonkeyPatch", "MagicMock"):
            yield f"{source.at(node.lineno)} uses {node.attr}; is the fault real?"


PROOF = (nothing_asserted, unstated, sleeping, skipping)
