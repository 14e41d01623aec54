"""What may stand where: mirrors of failure points, folders of data, names that would hide a library."""

from __future__ import annotations

from tests.tidy.sources import paths
from tests.tidy.words import LOCK_FILES

POINTS, MIRRORS = "harness/failure_points/", "fp_tests/"


def points() -> set[str]:
    """`data/uw_cache_stale` for each module of a failure point."""
    modules = (path for path in paths() if path.startswith(POINTS) and path.endswith(".py"))
    return {path.removeprefix(POINTS).removesuffix(".py") for path in modules if not path.endswith("__init__.py")}


def mirrors() -> set[str]:
    """`data/uw_cache_stale` for each `fp_tests/data/test_uw_cache_stale.py`."""
    modules = (path.removeprefix(MIRRORS) for path in paths() if path.startswith(MIRRORS))
    return {
        path.replace("/test_", "/").removesuffix(".py") for path in modules if "/test_" in path and path.endswith(".py")
    }


def test_each_failure_point_has_its_mirror() -> None:
    """Every failure point is proven by the module of the same name below fp_tests, and nothing else stands there."""
    expected = points()

    assert mirrors() == expected


def test_toxiproxy_folder_is_data_only() -> None:
    """No Python stands in toxiproxy/: a package of that name would hide the library."""
    assert [path for path in paths() if path.startswith("toxiproxy/") and path.endswith(".py")] == []


def test_no_folder_hides_a_library() -> None:
    """No top folder has the import name of a library in use."""
    hidden = {"docker", "respx", "responses", "alpaca", "pytest", "supervisor"}

    assert {path.partition("/")[0] for path in paths()} & hidden == set()


def test_no_lock_writes_down_a_host() -> None:
    """Dependencies are locked as hashed requirements; other lock files write down the hosts of registries."""
    assert [path for path in paths() if path.rpartition("/")[2] in LOCK_FILES] == []
