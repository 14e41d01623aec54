"""What a bot's import may do to the host, and how the host answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.tracing.host import Call, CanaryHost, HostFailed, probe_environment
from tests.tracing_host.bots import hosted, http_echo, left_of, plan_of

FAILS = {
    "exits": ("import sys\n\nsys.exit(4)\n", "exited", "sys.exit(4)", ":3"),
    "exits at once": ("import os\n\nos._exit(5)\n", "exited", "os._exit(5)", ":3"),
    "raises": ("\n\nint('none')\n", "raised", "ValueError: invalid literal", ":3"),
    "misspelt": ("\ndef f(:\n    pass\n", "raised", "SyntaxError", ":2"),
    "misses a module": ("import no_such_module_here\n", "raised", "no_such_module_here", ":1"),
    "is killed": ("import os\nos.kill(os.getpid(), 9)\n", "died", "signal 9", ""),
    "crashes": ("import ctypes\nctypes.string_at(0)\n", "died", "signal 11", ":2"),
    "raises a base exception": ("raise KeyboardInterrupt\n", "raised", "KeyboardInterrupt", ":1"),
}


@pytest.mark.parametrize(("source", "kind", "words", "line"), FAILS.values(), ids=list(FAILS))
def test_failed_import_is_named(tmp_path: Path, source: str, kind: str, words: str, line: str) -> None:
    """A bot that does not import is refused with its kind, a sentence and the line, and nothing keeps running."""
    plan = plan_of(tmp_path, source)

    with pytest.raises(HostFailed) as failed:
        CanaryHost.start(plan, deadline_s=20.0)

    expected = str(tmp_path / "bot" / "trader.py") + line if line else ""
    assert (failed.value.kind, failed.value.where) == (kind, expected)
    assert words in failed.value.sentence
    assert left_of(plan) == []


def test_import_that_never_returns_is_given_up(tmp_path: Path) -> None:
    """An import that hangs is ended at the deadline, and the line where it hangs is named."""
    plan = plan_of(tmp_path, "import threading\nthreading.Event().wait()\n")

    with pytest.raises(HostFailed) as failed:
        CanaryHost.start(plan, deadline_s=0.5)

    assert (failed.value.kind, failed.value.where) == ("timed out", f"{tmp_path}/bot/trader.py:2")
    assert "trader did not end within 0.5 s" in failed.value.sentence
    assert left_of(plan) == []


def test_missing_interpreter_is_named(tmp_path: Path) -> None:
    """A plan whose interpreter does not exist fails with its path."""
    plan = plan_of(tmp_path, "", python=str(tmp_path / "no-python"))

    with pytest.raises(HostFailed, match="no-python") as failed:
        CanaryHost.start(plan, deadline_s=5.0)

    assert failed.value.kind == "interpreter"


THREADS = """
    import _thread, multiprocessing, threading
    from concurrent.futures import ThreadPoolExecutor

    started = []

    def trade():
        started.append("traded")

    loop = threading.Thread(target=trade, name="trading-loop")
    loop.start()
    loop.join()
    _thread.start_new_thread(trade, ())
    multiprocessing.get_context("fork").Process(target=trade, name="worker").start()
    pool = ThreadPoolExecutor(1)
    early = pool.submit(trade)

    def decide():
        thread = threading.Thread(target=trade)
        thread.start()
        thread.join()
        return started, pool.submit(lambda: "pooled").result(5), early.done()
"""


def test_threads_of_import_are_kept_back(tmp_path: Path) -> None:
    """Threads and processes that import starts never run; they are named, and in a fork new ones work."""
    with hosted(tmp_path, THREADS) as host:
        run = host.run(Call(target="trader:decide"), deadline_s=10.0)
        kept = host.quarantined_threads

    assert (run.outcome, run.returned) == ("returned", "(['traded'], 'pooled', False)")
    assert len(kept) == 4
    assert f"thread 'trading-loop' of trader.trade (at {tmp_path}/bot/trader.py:11)" in kept
    assert f"process 'worker' of trader.trade (at {tmp_path}/bot/trader.py:14)" in kept


DOTENV = """
    import os
    from dotenv import dotenv_values, load_dotenv
    from pydantic_settings import BaseSettings

    class Settings(BaseSettings, env_file=".env", extra="ignore"):
        api_key: str = "unset"

    load_dotenv(override=True)
    load_dotenv(os.path.abspath(".env"), override=True)
    key, values, settings = os.environ.get("API_KEY"), dotenv_values(".env"), Settings().api_key
    try:
        by_hand = open(".env").read()
    except FileNotFoundError:
        by_hand = None

    def decide():
        return key, dict(values), settings, by_hand
"""


def test_real_keys_are_never_loaded(tmp_path: Path) -> None:
    """A `.env` beside the bot stays unread, by python-dotenv, by pydantic-settings and by hand."""
    plan = plan_of(tmp_path, DOTENV)
    (tmp_path / "bot" / ".env").write_text("API_KEY=real\n", encoding="utf-8")
    plan.env["API_KEY"] = "lab"

    with CanaryHost.start(plan) as host:
        run = host.run(Call(target="trader:decide"), deadline_s=5.0)
        notes = host.notes

    assert run.returned == "('lab', {}, 'lab', None)"
    assert any(".env was not opened" in note for note in notes)


def test_import_may_not_leave_the_machine(tmp_path: Path) -> None:
    """A connection that import opens to a foreign host is refused, and noted with its line."""
    source = """
        import socket
        try:
            socket.create_connection(("198.51.100.7", 443), timeout=1)
        except ConnectionRefusedError as refused:
            why = str(refused)
    """
    with hosted(tmp_path, source) as host:
        expected = f"egress guard: connecting to 198.51.100.7:443 was refused (at {tmp_path}/bot/trader.py:4)"

        assert host.notes == [expected]


def test_connection_of_import_is_not_shared(tmp_path: Path) -> None:
    """A keep-alive connection that import opened serves no fork: each opens its own and gets its own answers."""
    source = """
        import requests
        session = requests.Session()
        session.get("https://venue.example/at-import")

        def decide(n):
            return [session.get(f"https://venue.example/{n}/{i}").json()["path"] for i in range(3)]
    """
    with http_echo() as echo, hosted(tmp_path, source, redirects={"https://venue.example": echo.url}) as host:
        runs = [host.run(Call(target="trader:decide", args=[n]), deadline_s=5.0).returned for n in range(2)]

    assert runs == ["['/0/0', '/0/1', '/0/2']", "['/1/0', '/1/1', '/1/2']"]


def test_modules_of_the_probe_are_not_the_bots(tmp_path: Path) -> None:
    """A bot may have modules called like the probe's, and sees its own path and arguments."""
    source = """
        import sys
        import notes, redirect

        def decide():
            return notes.mine, redirect.mine, sys.argv, [p for p in sys.path if "tracing" in p]
    """
    plan = plan_of(tmp_path, source)
    for name in ("notes", "redirect"):
        (tmp_path / "bot" / f"{name}.py").write_text(f"mine = {name!r}\n", encoding="utf-8")

    with CanaryHost.start(plan) as host:
        run = host.run(Call(target="trader:decide"), deadline_s=5.0)

    assert run.returned == "('notes', 'redirect', ['trader'], [])"


def test_environment_is_the_plans(tmp_path: Path) -> None:
    """A bot gets the plan's environment and the call's, and of ours only what guards the Pythons it starts."""
    source = "import os\n\ndef decide():\n    print(*sorted(os.environ))\n"
    plan = plan_of(tmp_path, source)

    with CanaryHost.start(plan) as host:
        run = host.run(Call(target="trader:decide", env={"EXTRA": "1"}), deadline_s=5.0)

    expected = {"EXTRA", *plan.env, "PYTHONPATH", "SIGNAL_PROBE"}
    assert set(run.output.split()) - {"LC_CTYPE"} == expected


def test_plan_may_carry_the_guard_of_services(tmp_path: Path) -> None:
    """A host whose environment is that of the bot's services redirects once, and notes refusals as any host does."""
    source = """
        import os, socket, sys, urllib.request

        def decide():
            try:
                socket.create_connection(("198.51.100.7", 443))
            except ConnectionRefusedError:
                pass
            with urllib.request.urlopen("https://venue.example/v2") as answer:
                return answer.read().decode(), os.environ["SIGNAL_PROBE"], [p for p in sys.path if "probe" in p]
    """
    settings = tmp_path / "settings.json"
    with http_echo() as echo:
        redirects = {"https://venue.example": echo.url}
        settings.write_text(json.dumps({"redirects": redirects}), encoding="utf-8")
        plan = plan_of(tmp_path, source, redirects=redirects)
        plan.env.update(probe_environment(settings, plan.sys_path))
        with CanaryHost.start(plan) as host:
            run = host.run(Call(target="trader:decide", scope="c2"), deadline_s=5.0)

    assert '"path": "/@c2/v2"' in run.returned
    assert run.returned.endswith(f"'{settings}', [])")
    assert len(run.notes) == 1
    assert run.output == ""
