"""Run strangers under another Python: `python elsewhere.py FIRST LAST` prints one JSON line per seed.

Standard library only. The probe is loaded by path under its private name, as it is inside a bot.
"""

from __future__ import annotations

import copy
import importlib
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[3]


def _package(name: str, directory: Path) -> None:
    spec = importlib.util.spec_from_file_location(
        name, directory / "__init__.py", submodule_search_locations=[str(directory)]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"{directory} is no package")
    module: ModuleType = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


def main(first: int, last: int) -> None:
    """Play each stranger without and with the probe."""
    _package("_signal_probe", ROOT / "harness" / "tracing" / "probe")
    _package("strangers", Path(__file__).resolve().parent)
    generate: Any = importlib.import_module("strangers.generate")
    oracle: Any = importlib.import_module("strangers.oracle")
    rewrite: Any = importlib.import_module("_signal_probe.rewrite")
    record: Any = importlib.import_module("_signal_probe.record")
    door: Any = importlib.import_module("_signal_probe.door")
    door.stand()
    for seed in range(first, last):
        stranger = generate.generate(seed)
        truth = oracle.unprobed(stranger)
        namespace: dict[str, Any] = {"__name__": "stranger"}
        exec(rewrite.compiled(stranger.source, f"stranger_{seed}.py"), namespace)  # noqa: S102 - generated here
        signals = copy.deepcopy(stranger.signals)
        recorder = record.start(signals=signals, identity=["symbol"], lineage={"score": ["score"]})
        seen = oracle.play(namespace, signals)
        raw = recorder.finish("returned")
        print(json.dumps({"seed": seed, "same": seen.same_as(truth), "record": raw}))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
