"""The import hook, on every Python at hand: by path, under a private name, without a trace on the disk."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from textwrap import dedent

import pytest

from harness.tracing.reading import read
from tests.tracing_host.bots import interpreters

PROBE = Path(__file__).resolve().parents[2] / "harness" / "tracing" / "probe"
DRIVER = """
import importlib, importlib.util, json, sys
where = {"submodule_search_locations": [PROBE]}
spec = importlib.util.spec_from_file_location("_signal_probe", PROBE + "/__init__.py", **where)
module = importlib.util.module_from_spec(spec)
sys.modules["_signal_probe"] = module
spec.loader.exec_module(module)
rewrite = importlib.import_module("_signal_probe.rewrite")
record = importlib.import_module("_signal_probe.record")
before = set(sys.modules)
rewrite.install(["trader", "trader.*"], "gates", names=["score"])
entry = importlib.import_module("trader.entry")
signals = [{"symbol": "A", "score": 1.0}, {"symbol": "B", "score": 5.0}]
recorder = record.start(signals=signals, identity=["symbol"], lineage={"score": ["score"]})
returned = entry.decide(signals)
raw = recorder.finish("returned")
foreign = sorted({name.partition(".")[0] for name in before if name.startswith(("harness", "msgspec", "pydantic"))})
loader = type(entry.__loader__).__name__, type(sys.modules["trader.broken"].__loader__).__name__
print(json.dumps({"returned": returned, "raw": raw, "foreign": foreign, "file": entry.__file__, "loader": loader}))
"""


@pytest.mark.parametrize("python", interpreters())
def test_modules_are_rewritten_as_they_are_imported(python: str, tmp_path: Path) -> None:
    """A package traced by prefix is read right, imports nothing of ours, and leaves no byte code behind."""
    package = tmp_path / "trader"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "broken.py").write_text("VALUE = 3\n")
    (package / "gates.py").write_text("def strong(s):\n    return s['score'] >= 3.0\n")
    (package / "entry.py").write_text(
        dedent(
            '''
            """The entry."""
            from __future__ import annotations
            from trader import broken
            from trader.gates import strong

            def decide(signals):
                sent = []
                for s in signals:
                    score = s["score"]
                    if not strong(s):
                        continue
                    sent.append(s["symbol"])
                return sent
            '''
        )
    )
    code = f"PROBE = {str(PROBE)!r}\n{DRIVER}"
    command = [python, "-X", "dev", "-c", code]
    environment = {"PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": ""}
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    gate = read(said["raw"]).blocker
    assert gate is not None

    assert (said["returned"], said["foreign"]) == (["B"], [])
    assert (gate.signal, gate.function, gate.line, gate.value) == ("A", "strong", 2, "1.0")
    assert (said["file"], said["loader"]) == (str(package / "entry.py"), ["Loader", "Loader"])
    assert sorted(path.name for path in tmp_path.rglob("*.pyc")) == []


def test_a_record_of_another_version_is_refused() -> None:
    """The reader does not guess at records that it does not know."""
    with pytest.raises(ValueError, match="version 2; this reader knows version 1"):
        read({"v": 2})
