"""Started by path in the bot's interpreter: `python .../probe/host.py CONTROL STACK`, two inherited descriptors.

This file must be readable for old Pythons too, so that they get a sentence instead of a syntax error.
"""

import sys

_HERE = __file__.rpartition("/")[0]
# The probe's own folder must not stand among the places where the bot finds its modules.
sys.path[:] = [entry for entry in sys.path if entry != _HERE]


def main(control, stack):  # type: ignore[no-untyped-def]
    """Load the probe by path, under a name that no bot has, and serve."""
    import importlib.util
    import json
    import os

    if sys.version_info < (3, 11):  # noqa: UP036 - this very file is what an old Python is given
        told = {
            "kind": "interpreter",
            "sentence": "the bot's interpreter is Python {}.{}; the probe needs 3.11 or newer".format(
                *sys.version_info
            ),
            "where": sys.executable,
            "quarantined": [],
        }
        os.write(control, json.dumps({"failed": told}).encode() + b"\n")
        return 1
    if "_signal_probe" not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            "_signal_probe", _HERE + "/__init__.py", submodule_search_locations=[_HERE]
        )
        if spec is None or spec.loader is None:
            raise ImportError("no probe in " + _HERE)
        package = importlib.util.module_from_spec(spec)
        sys.modules["_signal_probe"] = package
        spec.loader.exec_module(package)
    return importlib.import_module("_signal_probe.server").main(control, stack)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))  # type: ignore[no-untyped-call]
