"""What the root conftest promises: hostile ids are harmless, what cannot be proven is said, no proxy disturbs."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tidy.sources import ROOT

SCRIPT = "<script>alert(1)</script>"


def run(folder: Path, test: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one test module under the project's own conftest and settings, in a folder of its own."""
    shutil.copy(ROOT / "conftest.py", folder)
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "tests").mkdir()
    (folder / "fp_tests").mkdir()
    (folder / "tests" / "test_it.py").write_text(test, encoding="utf-8")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "CI"))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--html=tests.html", "--self-contained-html", "tests"],
        cwd=folder,
        env=environ | {"PYTHONPATH": str(ROOT)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def rows(folder: Path) -> str:
    """What the report's page will put into its table as markup."""
    blob = re.search(r'data-jsonblob="([^"]*)"', (folder / "tests.html").read_text(encoding="utf-8"))
    assert blob is not None
    tests = json.loads(html.unescape(blob.group(1)))["tests"]
    return "".join(cell for results in tests.values() for result in results for cell in result["resultsTableRow"])


def test_script_in_an_id_stays_text(tmp_path: Path) -> None:
    """A parametrised id that carries script reaches tests.html escaped, for a pass, a failure and an error alike."""
    test = (
        "import pytest\n"
        f"SCRIPT = {SCRIPT!r}\n"
        "@pytest.fixture\n"
        "def broken():\n    raise RuntimeError\n"
        "@pytest.mark.parametrize('x', [SCRIPT])\ndef test_passes(x):\n    assert x\n"
        "@pytest.mark.parametrize('x', [SCRIPT])\ndef test_fails(x):\n    assert not x\n"
        "@pytest.mark.parametrize('x', [SCRIPT])\ndef test_errs(x, broken):\n    assert x\n"
    )
    ran = run(tmp_path, test)
    page = rows(tmp_path)

    assert "1 failed, 1 passed, 1 error" in ran.stdout
    assert page.count(html.escape(SCRIPT)) == 3
    assert "<script" not in page


NEEDY = "import pytest\n@pytest.mark.needs('{}')\ndef test_it():\n    assert 1 + 1 == 2\n"
LACKING = (
    "from types import SimpleNamespace\n"
    "def probe(name):\n"
    "    return SimpleNamespace(name=name, present=name == 'air', why='' if name == 'air' else f'no {name} here')\n"
)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder in which `chaos.capabilities` knows air and nothing else."""
    (tmp_path / "chaos").mkdir()
    (tmp_path / "chaos" / "__init__.py").touch()
    (tmp_path / "chaos" / "capabilities.py").write_text(LACKING, encoding="utf-8")
    return tmp_path


def test_what_is_lacking_is_unverified(machine: Path) -> None:
    """A test whose capability the machine lacks is skipped, and the summary says what is unproven and why."""
    ran = run(machine, NEEDY.format("water"))

    assert ran.returncode == 0
    assert "1 skipped" in ran.stdout
    assert "UNVERIFIED here: 1 tests" in ran.stdout
    assert "needs water: no water here" in ran.stdout


def test_unverified_fails_ci(machine: Path) -> None:
    """With CI=true what cannot be proven is a failure, not a skip."""
    ran = run(machine, NEEDY.format("water"), CI="true")

    assert ran.returncode == 1
    assert "1 error" in ran.stdout
    assert "UNVERIFIED here: 1 tests" in ran.stdout


def test_what_is_there_runs(machine: Path) -> None:
    """A test whose capability the machine has runs, with CI=true too."""
    ran = run(machine, NEEDY.format("air"), CI="true")

    assert ran.returncode == 0
    assert "1 passed" in ran.stdout
    assert "UNVERIFIED" not in ran.stdout


def test_no_proxy_disturbs_loopback(tmp_path: Path) -> None:
    """Proxies and CA bundles of the machine reach neither a test nor its children."""
    test = (
        "import os\n"
        "def test_it():\n"
        "    found = [name for name in ('HTTPS_PROXY', 'http_proxy', 'REQUESTS_CA_BUNDLE') if name in os.environ]\n"
        "    assert (found, os.environ['NO_PROXY']) == ([], '127.0.0.1,localhost,::1')\n"
    )
    ran = run(tmp_path, test, HTTPS_PROXY="http://192.0.2.1:1", http_proxy="http://192.0.2.1:1", REQUESTS_CA_BUNDLE="x")

    assert ran.returncode == 0, ran.stdout


def test_a_test_that_hangs_is_ended(tmp_path: Path) -> None:
    """A test that waits for ever fails at its limit with the line it hung at, and the run goes on."""
    test = (
        "import threading\nimport pytest\n"
        "@pytest.mark.timeout(0.2)\n"
        "def test_hangs():\n    assert threading.Event().wait(50)\n"
        "def test_goes_on():\n    assert 1 + 1 == 2\n"
    )
    ran = run(tmp_path, test)

    assert "1 failed, 1 passed" in ran.stdout
    assert "Timeout" in ran.stdout
