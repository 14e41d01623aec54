"""The host works in every interpreter that a bot may have, and under a clock that is not the machine's."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import pytest

from harness.tracing.host import Call, CanaryHost, HostFailed
from tests.tracing_host.bots import hosted, http_echo, interpreters, left_of, plan_of

BOT = """
    import json, os, sys, threading, time, urllib.request
    from concurrent.futures import ThreadPoolExecutor

    threading.Thread(target=time.sleep, args=(600,), name="stream").start()
    pool = ThreadPoolExecutor(1)
    pool.submit(time.sleep, 0)

    def decide(clusters):
        with urllib.request.urlopen("https://venue.example/v2/clock") as answer:
            path = json.load(answer)["path"]
        with open("state/seen", "w") as file:
            file.write("x")
        return path, pool.submit(len, clusters).result(5), os.listdir("state"), sys.version_info[:2] == {version}

    async def decide_async(): return "awaited"
    def boom(): raise ValueError("no good")
    def hang(): time.sleep(600)
    def now(): return time.time()
"""


@pytest.mark.parametrize("python", interpreters())
def test_host_works_in(tmp_path: Path, python: str) -> None:
    """Quarantine, redirection, isolation, threads in forks, errors and deadlines are the same in each version."""
    (tmp_path / "bot" / "state").mkdir(parents=True)
    version = "sys.version_info[:2]" if python == sys.executable else str(tuple(map(int, _version(python))))
    changed = {"python": python, "private_dirs": [str(tmp_path / "bot" / "state")]}
    calls = [Call(target="trader:decide", signals=[{"symbol": "AAPL"}], args=["$signals"], scope="c1")]
    calls += [Call(target=f"trader:{name}") for name in ("decide_async", "boom", "hang")]
    source = BOT.replace("{version}", version)
    with (
        http_echo() as echo,
        hosted(tmp_path, source, redirects={"https://venue.example": echo.url}, **changed) as host,
    ):
        runs = [host.run(call, deadline_s=1.0) for call in calls]

        assert len(host.quarantined_threads) == 2
        assert runs[0].returned == "('/@c1/v2/clock', 1, ['seen'], True)", runs[0]
        assert [run.outcome for run in runs] == ["returned", "returned", "raised", "timed out"]
        assert [run.detail_at.rpartition("/")[2] for run in runs[2:]] == ["trader.py:17", "trader.py:18"]
        assert list((tmp_path / "bot" / "state").iterdir()) == []
    assert left_of(host.plan) == []


def _version(python: str) -> list[str]:
    return python.split("/")[-3].split(".")[:2]


SHARED = Path("/dev/shm")  # noqa: S108 - where libfaketime shares its clock
OLD = sorted((Path.home() / ".pyenv" / "versions").glob("3.[789].*/bin/python"))


@pytest.mark.parametrize("python", [str(path) for path in OLD])
def test_old_interpreter_is_refused_in_words(tmp_path: Path, python: str) -> None:
    """A bot on a Python before 3.11 is told so, not met with a syntax error."""
    with pytest.raises(HostFailed, match=r"the probe needs 3\.11 or newer") as failed:
        CanaryHost.start(plan_of(tmp_path, "", python=python))

    assert failed.value.kind == "interpreter"


def faketime() -> list[str]:
    """Where libfaketime's library lies, if it is installed."""
    spec = find_spec("libfaketime")
    places = spec.submodule_search_locations if spec else None
    return [str(path) for place in places or () for path in Path(place).rglob("libfaketime.so.1")]


@pytest.mark.parametrize("library", faketime())
def test_host_works_under_another_clock(tmp_path: Path, library: str) -> None:
    """With the bot's clock moved, and jumping while it runs, deadlines are those of real time, and nothing is left."""
    clock = tmp_path / "clock"
    clock.write_text("+86400s", encoding="utf-8")
    plan = plan_of(tmp_path, BOT.replace("{version}", "None"))
    plan.env.update(
        LD_PRELOAD=library,
        FAKETIME_TIMESTAMP_FILE=str(clock),
        FAKETIME_NO_CACHE="1",
        FAKETIME_DONT_FAKE_MONOTONIC="1",
    )
    real_s = datetime.now(UTC).timestamp()
    with CanaryHost.start(plan) as host:
        tomorrow = host.run(Call(target="trader:now"), deadline_s=5.0)
        clock.write_text("-600s", encoding="utf-8")
        earlier = host.run(Call(target="trader:now"), deadline_s=5.0)
        hung = host.run(Call(target="trader:hang"), deadline_s=0.3)

    assert 86_300 < float(tomorrow.returned) - real_s < 86_500
    assert -700 < float(earlier.returned) - real_s < -500
    assert hung.outcome == "timed out"
    assert [path.name for path in SHARED.iterdir() if path.name.endswith(f"_{host.pid}")] == []
