"""What this machine lets us do, found out by trying it once.

A test or a fault that needs something names it here; where it is missing the proof is UNVERIFIED, and never passed.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from chaos.wire import container
from chaos.wire.build import CannotBuild
from chaos.wire.provision import NoToxiproxy, provision
from harness.lab.clock import faketime_library

_TRIED_WITHIN_S = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """One thing that the machine has or lacks; `why` is a clause that says how that was seen."""

    name: str
    present: bool
    why: str


def probe(name: str) -> Capability:
    """Look, or tell what an earlier look in this process found. Raises KeyError for a name that nobody probes."""
    if name not in PROBES:
        raise KeyError(f"nobody can tell whether this machine has {name!r}; known are: {', '.join(sorted(PROBES))}")
    return _probed(name)


def capabilities() -> dict[str, Capability]:
    """Everything that can be looked for, by name."""
    return {name: probe(name) for name in PROBES}


@functools.cache
def _probed(name: str) -> Capability:
    present, why = PROBES[name]()
    return Capability(name=name, present=present, why=why)


def _root() -> tuple[bool, str]:
    uid = os.geteuid()
    return uid == 0, f"the user id is {uid}"


def _network_namespace() -> tuple[bool, str]:
    return _try([*_unshare("--net"), "true"])


def _mount_namespace() -> tuple[bool, str]:
    return _try([*_unshare("--mount"), "mount", "-t", "tmpfs", "-o", "size=4096", "probe", "/mnt"])


def _mounts() -> tuple[bool, str]:
    """Whether a mount can be made right here, where the bot's processes see it."""
    with tempfile.TemporaryDirectory(prefix="capability-") as folder:
        mounted, why = _try(["mount", "-t", "tmpfs", "-o", "size=4096", "probe", folder])
        if mounted:
            _try(["umount", folder])
            if Path(folder).is_mount():
                return False, f"{folder} was mounted and could not be unmounted"
    return mounted, why


def _strace() -> tuple[bool, str]:
    return _try(["strace", "-qq", "-o", "/dev/null", "true"])


def _setpriv() -> tuple[bool, str]:
    return _try(["setpriv", "--pdeathsig", "KILL", "--", "true"])


def _docker() -> tuple[bool, str]:
    try:
        version = container.engine(timeout_s=2).version()["Version"]
    except CannotBuild as error:
        return False, str(error)
    return True, f"Docker engine {version} answers"


def _toxiproxy() -> tuple[bool, str]:
    """Only looks: whoever wants one built runs `make wire`."""
    try:
        return True, provision(lambda _: None, may_build=False).description
    except NoToxiproxy as error:
        return False, str(error)


def _libfaketime() -> tuple[bool, str]:
    library = faketime_library()
    if library is None:
        return False, "libfaketime is not installed, or not made for this processor"
    told, why = _try(["date", "+%s"], LD_PRELOAD=str(library), FAKETIME="-1000000s")
    if not told:
        return False, why
    moved = time.time() - float(why) > 900_000
    return moved, f"{library} {'moves' if moved else 'does not move'} the clock of a process"


PROBES: Mapping[str, Callable[[], tuple[bool, str]]] = {
    "root": _root,
    "network_namespace": _network_namespace,
    "mount_namespace": _mount_namespace,
    "mounts": _mounts,
    "strace": _strace,
    "setpriv": _setpriv,
    "docker": _docker,
    "toxiproxy": _toxiproxy,
    "libfaketime": _libfaketime,
}


def _unshare(kind: str) -> list[str]:
    return ["unshare", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"]), kind]


def _try(command: list[str], **environment: str) -> tuple[bool, str]:
    """Run it; whether it worked, and its own words."""
    if shutil.which(command[0]) is None:
        return False, f"no {command[0]} on PATH"
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=_TRIED_WITHIN_S,
            env={**os.environ, **environment},
        )
    except (OSError, subprocess.SubprocessError) as error:
        return False, f"{command[0]} cannot be run ({error})"
    words = (done.stdout if done.returncode == 0 else done.stderr).strip()
    return done.returncode == 0, words or f"`{' '.join(command)}` ended with {done.returncode}"
