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


def seal() -> str:
    """Enter a network namespace that has only loopback, and say which guard is in force.

    Where the kernel forbids it the weaker guard remains: the audit hook inside the bot's processes, and the refusal
    of anything but loopback in the lab's configuration.
    """
    if os.environ.get(_MARK) == SEALED and _only_loopback():
        return SEALED
    if os.environ.get("TOXIPROXY_URL"):
        return "audit hook only: the Toxiproxy at TOXIPROXY_URL stands outside a namespace of ours"
    if threading.active_count() > 1:
        return "audit hook only: threads had started before the guard could"
    why = _unshare()
    if why:
        return f"audit hook only: {why}"
    _loopback_up()
    os.environ[_MARK] = SEALED
    return SEALED


def _unshare() -> str:
    """Leave the host's network; empty when it worked, else why not."""
    libc = ctypes.CDLL(None, use_errno=True)
    uid, gid = os.geteuid(), os.getegid()
    if uid == 0:
        if libc.unshare(CLONE_NEWNET) == 0:
            return ""
        return f"the kernel refuses a network namespace ({os.strerror(ctypes.get_errno())})"
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0:
        return f"the kernel refuses a user and network namespace ({os.strerror(ctypes.get_errno())})"
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"0 {uid} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"0 {gid} 1", encoding="ascii")
    return ""


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
