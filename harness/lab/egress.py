"""The guard that lets no packet leave the machine: a network namespace that has only loopback.

`seal()` moves this process into one, before it starts a thread; every child inherits it. Run as a program
(`python -m harness.lab.egress -- COMMAND`) it seals itself and becomes the command.
Source: unshare(2), user_namespaces(7), netdevice(7) for SIOCSIFFLAGS.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
import sys
import threading
from pathlib import Path

CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS = 0x8914
IFF_UP = 0x1
SEALED = "network namespace with loopback only"
_MARK = "HARNESS_EGRESS"


def seal(*, wired: bool = True) -> str:
    """Enter a network namespace that has only loopback, and say which guard is in force.

    `wired` False: no Toxiproxy is used, so one that stands outside keeps nothing open.

    Where the kernel forbids it the weaker guard remains: the audit hook inside the bot's processes, and the refusal
    of anything but loopback in the lab's configuration.
    """
    if os.environ.get(_MARK) == SEALED and _only_loopback():
        return SEALED
    if wired and os.environ.get("TOXIPROXY_URL"):
        return "audit hook only: the Toxiproxy at TOXIPROXY_URL stands outside a namespace of ours"
    if threading.active_count() > 1:
        return "audit hook only: threads had started before the guard could"
    why = _refused()
    if why:
        return f"audit hook only: {why}"
    _enter()
    os.environ[_MARK] = SEALED
    return SEALED


def _refused() -> str:
    """Why the kernel would not let us enter; empty where it does. Tried in a child: from half-way there is no way back.

    Some distributions hand out a user namespace in which nothing may be done, not even bringing loopback up.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _enter()
            os.write(writing, b"+")
        except OSError as error:
            os.write(writing, os.strerror(error.errno or 0).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with open(reading, encoding="utf-8") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return "" if said == "+" else f"the kernel refuses a network namespace ({said or 'it ended who tried'})"


def _enter() -> None:
    """Leave the host's network. Raises `OSError`."""
    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.geteuid(), os.getegid()
    # root of a container may lack the right, and like any other user have it in a user namespace of its own
    if uid != 0 or libc.unshare(CLONE_NEWNET) != 0:
        if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"0 {uid} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"0 {gid} 1", encoding="ascii")
    _loopback_up()


def _loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sh", b"lo", IFF_UP))


def _only_loopback() -> bool:
    return {name for _, name in socket.if_nameindex()} <= {"lo"}


def main(argv: list[str]) -> int:
    """Seal, then become the command after `--`."""
    command = argv[argv.index("--") + 1 :] if "--" in argv else argv
    if not command:
        print("usage: python -m harness.lab.egress -- COMMAND [ARGUMENT ...]", file=sys.stderr)
        return 3
    guard = seal()
    if guard != SEALED:
        print(f"egress guard: {guard}", file=sys.stderr)
    try:
        os.execvp(command[0], command)
    except OSError as error:
        print(f"{command[0]} cannot be started: {error.strerror}", file=sys.stderr)
        return 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
