"""One bench: a scratch copy of a bot, its processes under supervisor, its world on loopback, and one clock.

`bench(...)` is the only way to make one, and leaves nothing behind: no process, no file, no listening port.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from fixtures.serving import PortTaken
from harness.deployment import Deployment
from harness.lab.busy import processor_s
from harness.lab.clock import LabClock, TimeUnknown, sweep_shared
from harness.lab.environment import LabKeys, base_environment, overrides
from harness.lab.ports import DirectWire, Wire
from harness.lab.scratch import CopyFailed, copy, scratch
from harness.lab.supervised import SupervisedServices
from harness.lab.world import World
from harness.observe.access import Access
from harness.observe.look import look
from harness.observe.snapshot import Snapshot
from harness.services import ServiceFailed
from harness.tracing.host import CanaryHost, HostFailed, HostPlan, probe_environment
from harness.verdict.document import Override
from harness.vocabulary.roles import File, Service

UNABLE = (CopyFailed, ServiceFailed, PortTaken, TimeUnknown)
"""What `bench` raises where a lab cannot be made; each message is one sentence."""

FIRST_CYCLE_DEADLINE_S = 15.0
HOST_DEADLINE_S = 30.0
STEP_S = 0.002
STEP_S_MAX = 0.02
ENDED_LOOK_S = 0.2
"""Asking a service manager costs both sides work, so it is asked this seldom while a bot starts."""


@dataclass(slots=True, kw_only=True)
class Bench:
    """A bot in a world that can be broken. `deployment` is the copy; the original is never touched."""

    deployment: Deployment
    folder: Path
    clock: LabClock
    world: World
    wire: Wire
    keys: LabKeys
    services: SupervisedServices
    environment: dict[str, str] = field(repr=False)
    overrides: tuple[Override, ...] = ()
    waited_s: float = 0.0
    _host: Future[CanaryHost] | None = None
    _ending: threading.Event = field(default_factory=threading.Event)

    def wait(self, condition: Callable[[], bool], deadline_s: float) -> bool:
        """Wait until `condition` holds, at most `deadline_s`; whether it came to hold.

        `waited_s` grows by the part of it in which neither we nor the bot computed.
        It is looked at often at first and seldom later, so that a long wait costs the bot no processor time.
        """
        started_s, used_s = time.monotonic(), processor_s(self._pids())
        try:
            while not condition():
                waited_s = time.monotonic() - started_s
                if waited_s > deadline_s or self._ending.is_set():
                    return False
                time.sleep(min(STEP_S_MAX, max(STEP_S, waited_s / 10)))
            return True
        finally:
            used_s = processor_s(self._pids()) - used_s
            self.waited_s += max(0.0, time.monotonic() - started_s - max(0.0, used_s))

    def _pids(self) -> list[int]:
        """The processes under which everything of this bench runs."""
        host = [self._host.result().pid] if self._host is not None and _is_up(self._host) else []
        return [*self.services.roots, *host]

    def begin(self) -> None:
        """Start the bot's services and wait for their first cycle, or until one has ended. Raises `ServiceFailed`."""
        if not self.services.launched:
            return
        self.services.start_all(self.wait)
        looked_s = [time.monotonic()]

        def one_ended() -> bool:
            if time.monotonic() - looked_s[0] < ENDED_LOOK_S:
                return False
            looked_s[0] = time.monotonic()
            return self.services.any_ended()

        self.wait(lambda: self.started() or one_ended(), FIRST_CYCLE_DEADLINE_S)

    def end(self) -> None:
        """Give up every wait that is under way: this bench is about to be taken down."""
        self._ending.set()

    def access(self) -> Access:
        """How this bench's bot is looked at: the same way as one that no lab made."""
        ports = dict.fromkeys(self.deployment.toml.services, self.services.port)
        return Access(now=self.clock.now, services=ports, endpoints=self.world.endpoints())

    def observe(self) -> Snapshot:
        """One look at this bench's bot."""
        return look(self.deployment, self.access())

    def path(self, role: File) -> Path:
        return self.deployment.path(role)

    def pid(self, role: Service) -> int:
        return self.services.pid(role)

    def warm(self) -> None:
        """Begin to import the bot for its canaries, beside whatever else is done."""
        if self._host is None:
            pool = ThreadPoolExecutor(1, thread_name_prefix="warm")
            self._host = pool.submit(CanaryHost.start, host_plan(self), deadline_s=HOST_DEADLINE_S)
            pool.shutdown(wait=False)

    @property
    def host(self) -> CanaryHost:
        """The bot imported once, ready to fork; started on first use. Raises `HostFailed` where it does not import."""
        self.warm()
        assert self._host is not None
        try:
            return self._host.result()
        except HostFailed:
            self._host = None  # the next use imports anew: the bot's files may have been mended
            raise

    def close_host(self) -> None:
        started, self._host = self._host, None
        if started is not None:
            with suppress(HostFailed):  # one that did not import has left nothing to close
                started.result().close()

    def started(self) -> bool:
        """Whether every service that beats has beaten, and every file a service writes has been written, since this
        bench began. False says that one of them is at fault, not which."""
        root = self.deployment.root
        beats = [root / table.heartbeat for table in self.deployment.toml.services.values() if table.heartbeat]
        written = [root / table.path for table in self.deployment.toml.files.values() if table.written_by]
        return all(_newer(path, self._began_s) for path in (*beats, *written))

    @property
    def _began_s(self) -> float:
        return (self.folder / "began").stat().st_mtime


def _is_up(host: Future[CanaryHost]) -> bool:
    return host.done() and host.exception() is None


def _newer(path: Path, than_s: float) -> bool:
    try:
        return path.stat().st_mtime >= than_s
    except OSError:
        return False  # not there yet, which is what the caller waits for


@contextmanager
def bench(
    deployment: Deployment,
    *,
    wire: Wire | None = None,
    at_s: float | None = None,
    into_session: bool = False,
    clean: bool = False,
    processes: bool = True,
    begin: bool = True,
    warm: bool = False,
) -> Iterator[Bench]:
    """Make a bench of `deployment` and take it down at the end.

    `at_s`: the lab's clock at its start (unix seconds); None: 30 minutes into the next session, as with `into_session`
    for a time outside the sessions. `processes` False starts none of the bot's services; `begin` False leaves that to
    the caller's `begin()`, in any thread. `warm` imports the bot for its canaries at once. Raises what `UNABLE` lists.
    """
    wire = wire or DirectWire()
    with ExitStack() as stack:
        folder = stack.enter_context(scratch())
        (folder / "began").touch()
        copied = copy(deployment, folder / "copy", clean=clean)
        clock = LabClock(at_s, folder / "faketime", into_session=into_session)
        keys = LabKeys.make(copied)
        world = World(copied, clock.virtual, keys)
        stack.enter_context(world.served(wire))
        environment = _environment(copied, folder, clock, keys, world)
        services = SupervisedServices(copied, folder, environment)
        made = Bench(
            deployment=copied,
            folder=folder,
            clock=clock,
            world=world,
            wire=wire,
            keys=keys,
            services=services,
            environment=environment,
            overrides=overrides(deployment, world.redirects, keys),
        )
        stack.callback(sweep_shared)  # runs last: after the services and the host have gone
        stack.callback(made.close_host)
        stack.callback(services.close)
        stack.callback(made.end)
        if warm:
            made.warm()
        if processes and copied.toml.services:
            services.launch()
            if begin:
                made.begin()
        yield made


def _environment(deployment: Deployment, folder: Path, clock: LabClock, keys: LabKeys, world: World) -> dict[str, str]:
    """The whole environment of the bot's processes: settings, lab keys, pace, clock, and the probe's redirection."""
    home = folder / "home"
    home.mkdir(mode=0o700)
    probe = folder / "probe.json"
    probe.touch(mode=0o600)
    probe.write_text(json.dumps({"redirects": world.redirects}), encoding="utf-8")
    base = {**base_environment(deployment, keys, str(home)), **world.variables, **clock.environment()}
    return {**base, **probe_environment(probe, [str(entry) for entry in deployment.python_path])}


def host_plan(bench: Bench) -> HostPlan:
    """How the bot is imported once for its canaries: its own interpreter, folder, environment and modules."""
    deployment, canary = bench.deployment, bench.deployment.toml.canary
    calls = [call for call in (canary.decide, canary.cycle, canary.feed, canary.signals) if call is not None]
    modules = [*canary.preload, *(call.target.partition(":")[0] for call in calls)]
    return HostPlan(
        python=deployment.python,
        cwd=str(deployment.root),
        env=bench.environment,
        sys_path=[str(entry) for entry in deployment.python_path],
        modules=list(dict.fromkeys(modules)),
        traced=list(canary.traced or deployment.own_modules),
        orders=list(canary.orders),
        mode="gates",
        redirects=bench.world.redirects,
        private_dirs=[str(deployment.root / entry) for entry in deployment.toml.code.writes],
        log_path=str(bench.folder / "host.out"),
    )
