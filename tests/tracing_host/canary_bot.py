"""A bot that does whatever a bot may do in one call, and how it is called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness.tracing.host import Call, CanaryHost, RawRun

BOT = """
    import atexit, asyncio, dataclasses, os, random, signal, subprocess, sys, threading, time
    from concurrent.futures import ThreadPoolExecutor

    atexit.register(lambda: open("ran_at_exit", "w").close())

    @dataclasses.dataclass
    class Cluster:
        symbol: str
        score: float

    class Desk:
        def decide(self, clusters, *, limit):
            return [c.symbol for c in clusters if c.score >= limit]

    LIMIT = 3.0
    def make_desk(): return Desk()
    def decide(clusters, limit=LIMIT): return [c["symbol"] for c in clusters if c["score"] >= limit]
    def decide_one(cluster): return cluster["symbol"]
    async def decide_async(clusters):
        await asyncio.sleep(0)
        return len(clusters)
    def nothing(): return None
    def boom():
        raise ValueError("no good")
    def leave(): sys.exit(3)
    def leave_at_once(): os._exit(7)
    def die(): os.kill(os.getpid(), signal.SIGKILL)
    def crash():
        import ctypes
        ctypes.string_at(0)
    def hang():
        print("hanging", flush=True)
        time.sleep(600)
    def stuck():
        signal.pthread_sigmask(signal.SIG_BLOCK, set(range(34, 64)))
        while True: pass
    def stop(): os.kill(os.getpid(), signal.SIGSTOP)
    def print_on():
        while True: print("x" * 1000)
    def talk():
        print("to stdout"); print("to stderr", file=sys.stderr)
        os.write(1, b"by descriptor")
    def close_output(): os.close(1); os.close(2); time.sleep(0.05); return "quiet"
    def dice(): return random.random()
    def pid(): return os.getpid()
    def wait_for_thread():
        thread = threading.Thread(target=time.sleep, args=(600,), daemon=True)
        thread.start()
        thread.join()
    def submit_later():
        ThreadPoolExecutor(1).submit(lambda: (time.sleep(0.1), print("sent by pool")))
        threading.Thread(target=lambda: (time.sleep(0.1), print("sent by thread"))).start()
    def endless_thread(): threading.Thread(target=time.sleep, args=(600,), name="stream").start()
    def daemonise():
        subprocess.Popen(["sleep", "600"])
        subprocess.Popen(["sleep", "600"], start_new_session=True)
        reader, writer = os.pipe()
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.write(writer, b"up")
                time.sleep(600)
            os._exit(0)
        os.read(reader, 2)
    def ask_a_daemon(fifo):
        reader, writer = os.pipe()
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                with open(fifo) as told: os.write(writer, told.read().encode())
            os._exit(0)
        return os.read(reader, 9).decode()
    def fork_and_leave():
        pid = os.fork()
        if pid == 0: os._exit(9)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    class Rude:
        def __repr__(self): raise RuntimeError("no")
    def rude(): return Rude()
    def environment(): return os.environ["EXTRA"]
    loop = asyncio.new_event_loop()
    async def converse(name):
        server = await asyncio.start_server(lambda r, w: w.write(name.encode()) or w.close(), "127.0.0.1", 0)
        told = set()
        for _ in range(30):
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            told.add((await reader.read()).decode())
            writer.close()
        await loop.run_in_executor(None, time.sleep, 0)
        return sorted(told)
    def by_loop_of_import(name): return loop.run_until_complete(converse(name))
"""


def line(host: CanaryHost, text: str) -> str:
    """`file:line` of the bot's line with this text."""
    path = Path(host.plan.cwd) / "trader.py"
    lines = path.read_text(encoding="utf-8").splitlines()
    return f"{path}:{next(n for n, found in enumerate(lines, 1) if text in found)}"


def run(host: CanaryHost, name: str, deadline_s: float = 10.0, **call: Any) -> RawRun:
    return host.run(Call(target=f"trader:{name}", **call), deadline_s=deadline_s)
