"""The real fault of each failure point, on a bench: `inject(name, bench)` is the lab's `Faults` port.

One module per point, at the point's own name: `data/uw_cache_stale` is `chaos.experiments.data.uw_cache_stale`, and
its `fault(bench)` is a context manager that acts, asserts its own physical effect, and lifts itself.
"""

from __future__ import annotations

import importlib
from contextlib import AbstractContextManager
from typing import Any

from harness.lab.bench import Bench


class NoExperiment(LookupError):
    """There is no fault for this failure point; the message names it."""


def inject(name: str, bench: Bench) -> AbstractContextManager[Any]:
    """The fault of the failure point `name` on `bench`. Raises `NoExperiment`."""
    module_name = f"{__name__}.{name.replace('/', '.')}"
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is None or not module_name.startswith(error.name):
            raise
        raise NoExperiment(f"the failure point {name} has no fault in chaos/experiments") from None
    fault: AbstractContextManager[Any] = module.fault(bench)
    return fault
