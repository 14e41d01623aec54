# ruff: noqa: INP001 - it must be importable by its bare name
"""The guard for the bot's own processes: a Python with this folder on PYTHONPATH is redirected and kept on loopback.

SIGNAL_PROBE names a JSON file {"redirects": {URL: URL on loopback}}; SIGNAL_PROBE_SCOPE may name a scope. Without
SIGNAL_PROBE nothing is done. A `.env` is not read: the environment is what the process was started with. A guard that
cannot be set up ends the process: it must not run unguarded. The sitecustomize that this one hides is run after it.
"""

import importlib.machinery
import importlib.util
import os
import sys

_BOOT = __file__.rpartition("/")[0]
_PROBE = _BOOT.rpartition("/")[0]
CANNOT_GUARD = 78
"""Exit status (EX_CONFIG of sysexits.h) of a process that could not be guarded."""


def _say(text: str) -> None:
    sys.stderr.write(f"signal probe: {text}\n")


def _guard(settings: str) -> None:
    import importlib
    import json

    with open(settings, encoding="utf-8") as file:
        redirects = json.load(file)["redirects"]
    if "_signal_probe" not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            "_signal_probe", _PROBE + "/__init__.py", submodule_search_locations=[_PROBE]
        )
        if spec is None or spec.loader is None:
            raise ImportError(f"no probe in {_PROBE}")
        package = importlib.util.module_from_spec(spec)
        sys.modules["_signal_probe"] = package
        spec.loader.exec_module(package)
    scope = os.environ.get("SIGNAL_PROBE_SCOPE", "")
    importlib.import_module("_signal_probe.redirect").install(redirects, scope)
    importlib.import_module("_signal_probe.egress").install(_say)
    importlib.import_module("_signal_probe.contain").keep_secrets_out()


def _hidden() -> None:
    """Run the sitecustomize of the bot's own environment, in this module's place."""
    sys.path[:] = [entry for entry in sys.path if entry.rstrip("/") != _BOOT]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", sys.path)
    if spec is None or spec.loader is None:
        return
    module = importlib.util.module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


_settings = os.environ.get("SIGNAL_PROBE")
if _settings:
    try:
        _guard(_settings)
    except Exception as error:  # noqa: BLE001 - whatever it is, the process must not go on
        _say(f"the guard cannot be set up from {_settings} ({type(error).__name__}: {error}); this process ends")
        os._exit(CANNOT_GUARD)
_hidden()
