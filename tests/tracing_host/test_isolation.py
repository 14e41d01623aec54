"""Each fork has its own copy of the directories that the bot writes, with and without mount namespaces."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.tracing.host import Call, CanaryHost, HostFailed, HostPlan
from harness.tracing.probe.isolation import copy_tree
from tests.tracing_host.bots import hosted, plan_of

BOT = """
    import logging, os, time
    from pathlib import Path

    STATE = Path(__file__).parent / "state"
    LOGS = Path(__file__).parent / "logs"
    logging.basicConfig(filename=LOGS / "bot.log", level=logging.INFO, force=True)
    journal = open(STATE / "journal", "a+")

    def write():
        logging.info("from the fork")
        journal.write("one more\\n")
        journal.flush()
        Path("state/by_relative_path").write_text("x")
        (STATE / "positions.json").unlink()
        (STATE / "deep" / "new").write_text("x")
        os.replace(STATE / "by_relative_path", STATE / "renamed")
        return seen()

    def seen():
        return sorted(str(p.relative_to(STATE)) for p in STATE.rglob("*")), (LOGS / "bot.log").read_text()

    def positions():
        path = STATE / "positions.json"
        return path.read_text(), round(path.stat().st_mtime), oct(path.stat().st_mode & 0o777)

    def die():
        (STATE / "positions.json").unlink()
        os._exit(1)

    def kill_host():
        os.kill(os.getppid(), 9)
        time.sleep(600)

    def hang():
        (STATE / "positions.json").unlink()
        time.sleep(600)
"""


def bot(folder: Path, **changed: Any) -> HostPlan:
    root = folder / "bot"
    (root / "state" / "deep").mkdir(parents=True)
    (root / "logs").mkdir()
    positions = root / "state" / "positions.json"
    positions.write_text("as deployed", encoding="utf-8")
    positions.chmod(0o600)
    os.utime(positions, (1_700_000_000, 1_700_000_000))
    (root / "state" / "link").symlink_to("positions.json")
    private = [str(root / "state"), str(root / "logs")]
    return plan_of(folder, BOT, private_dirs=private, **changed)


def tree(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    """Every file below: contents, modification time, inode."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".log")
    return {str(p.relative_to(folder)): (p.read_bytes(), p.stat().st_mtime_ns, p.stat().st_ino) for p in files}


def unprivileged(folder: Path) -> str:
    """This interpreter without the right to mount, so that it needs a user namespace to have one."""
    script = folder / "python"
    setpriv = shutil.which("setpriv") or "setpriv"
    dropped = f"{setpriv} --bounding-set=-sys_admin --inh-caps=-sys_admin" if os.geteuid() == 0 else "exec"
    script.write_text(
        f'#!/bin/sh\nexec {dropped} {sys.executable} "$@"\n'.replace("exec exec", "exec"), encoding="utf-8"
    )
    script.chmod(0o755)
    return str(script)


MODES: dict[str, tuple[dict[str, Any], str]] = {
    "namespace": ({}, "mount namespace"),
    "user namespace": ({"python": unprivileged}, "mount namespace"),
    "serial": ({"namespaces": False}, "one at a time"),
}


@pytest.fixture(params=list(MODES))
def plan(request: pytest.FixtureRequest, tmp_path: Path) -> HostPlan:
    """The bot's plan in each way that forks can be kept apart."""
    changes, _ = MODES[request.param]
    return bot(tmp_path, **{name: value(tmp_path) if callable(value) else value for name, value in changes.items()})


def test_forks_see_their_own_copy_only(plan: HostPlan) -> None:
    """What a fork writes, by whatever path or open file, is seen in it, and nowhere else afterwards."""
    with CanaryHost.start(plan) as host:
        before = tree(Path(plan.cwd))
        first = host.run(Call(target="trader:write"), deadline_s=5.0)
        second = host.run(Call(target="trader:seen"), deadline_s=5.0)

        assert first.returned.startswith("(['deep', 'deep/new', 'journal', 'link', 'renamed']")
        assert "from the fork" in first.returned
        assert second.returned == "(['deep', 'journal', 'link', 'positions.json'], '')"
        assert tree(Path(plan.cwd)) == before
        assert (Path(plan.cwd) / "logs" / "bot.log").read_text(encoding="utf-8") == ""


def test_mode_is_the_one_asked_for(plan: HostPlan, request: pytest.FixtureRequest) -> None:
    """A host says how its forks are kept apart."""
    with CanaryHost.start(plan) as host:
        run = host.run(Call(target="trader:seen"), deadline_s=5.0)
        expected = MODES[request.node.callspec.params["plan"]][1]

        assert (host.isolation, run.isolation) == (expected, expected)


def test_copy_keeps_times_and_modes(plan: HostPlan) -> None:
    """Ages and modes are the deployment's: a copy that looked fresh would hide a stale file."""
    with CanaryHost.start(plan) as host:
        run = host.run(Call(target="trader:positions"), deadline_s=5.0)

    assert run.returned == "('as deployed', 1700000000, '0o600')"


def test_image_takes_the_directorys_place(plan: HostPlan, tmp_path: Path) -> None:
    """A call may bring other contents for a directory; the next call without them sees the deployment's."""
    image = tmp_path / "image"
    image.mkdir()
    (image / "positions.json").write_text("sixteen positions", encoding="utf-8")
    private = {plan.private_dirs[0]: str(image)}
    with CanaryHost.start(plan) as host:
        other = host.run(Call(target="trader:positions", private=private), deadline_s=5.0)
        own = host.run(Call(target="trader:positions"), deadline_s=5.0)

    assert (other.returned[:20], own.returned[:14]) == ("('sixteen positions'", "('as deployed'")
    assert [path.name for path in image.iterdir()] == ["positions.json"]


@pytest.mark.parametrize("end", ["die", "hang"])
def test_state_survives_a_fork_that_dies(plan: HostPlan, end: str) -> None:
    """However a fork ends, the deployment's files are as they were."""
    with CanaryHost.start(plan) as host:
        before = tree(Path(plan.cwd))
        host.run(Call(target=f"trader:{end}"), deadline_s=0.3)

    assert tree(Path(plan.cwd)) == before
    assert {path.name for path in Path(plan.cwd).iterdir()} - {"__pycache__"} == {"logs", "state", "trader.py"}


def test_missing_directory_is_made_for_the_fork(tmp_path: Path) -> None:
    """A state directory that does not exist yet is empty and writable in a fork."""
    source = "import os\n\ndef write():\n    open('state/x', 'w').close()\n    return os.listdir('state')\n"
    with hosted(tmp_path, source, private_dirs=[str(tmp_path / "bot" / "state")]) as host:
        run = host.run(Call(target="trader:write"), deadline_s=5.0)

    assert run.returned == "['x']"
    assert list((tmp_path / "bot" / "state").iterdir()) == []


def test_nested_directories_are_both_private(tmp_path: Path) -> None:
    """The bot's whole folder and one inside it may both be private."""
    root = tmp_path / "bot"
    (root / "state").mkdir(parents=True)
    source = "import os\n\ndef write():\n    open('state/x', 'w').close()\n    return os.listdir('state')\n"
    with hosted(tmp_path, source, private_dirs=[str(root), str(root / "state")]) as host:
        run = host.run(Call(target="trader:write"), deadline_s=5.0)

    assert run.returned == "['x']"
    assert list((root / "state").iterdir()) == []


def test_file_cannot_be_private(tmp_path: Path) -> None:
    """A plan that names a file where a directory belongs is told so by the run."""
    path = str(tmp_path / "bot" / "trader.py")
    with hosted(tmp_path, "def decide(): return 1", private_dirs=[path]) as host:
        run = host.run(Call(target="trader:decide"), deadline_s=5.0)

    assert run.outcome == "not loaded"
    assert "only whole directories can be private" in run.detail
    assert path in run.detail


def test_host_that_was_killed_serially_is_made_good(tmp_path: Path) -> None:
    """State that stood aside when a serial host was killed is back when its owner has closed it."""
    plan = bot(tmp_path, namespaces=False)
    host = CanaryHost.start(plan)
    before = tree(Path(plan.cwd))

    with host, pytest.raises(HostFailed, match="killed by signal 9"):
        host.run(Call(target="trader:kill_host"), deadline_s=5.0)

    assert tree(Path(plan.cwd)) == before


def test_copy_leaves_out_what_is_no_file(tmp_path: Path) -> None:
    """Pipes and sockets in a state directory do not stop its copying."""
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()
    os.mkfifo(source / "pipe")
    (source / "file").write_text("x", encoding="utf-8")

    copy_tree(str(source), str(target))

    assert [path.name for path in target.iterdir()] == ["file"]
