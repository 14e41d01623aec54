"""The guard inside the interpreter: only loopback may be reached, and every program that is started is noted.

An audit hook sees every connect and every name look-up that Python code makes, whatever library it comes from; it
cannot be taken out again. Code in C that opens sockets by itself escapes it, which is why a network namespace stands
around the whole run where the kernel allows one. Source: Python documentation, "Audit events table".
"""

from __future__ import annotations

import errno
import os
import socket
import sys
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from .notes import at_caller, note

_HARMLESS_FAMILIES = {socket.AF_UNIX, *(getattr(socket, name) for name in ("AF_NETLINK",) if hasattr(socket, name))}
_LOCAL_NAMES = {"", "localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"}
_installed = False
_say: Callable[[str], None] = note


class EgressRefused(ConnectionRefusedError):
    """A connection or a name look-up that would have left the machine."""


def install(say: Callable[[str], None] = note) -> None:
    """Refuse everything but loopback from here on, for the rest of this process's life. `say` gets each refusal."""
    global _installed, _say
    _say = say
    if not _installed:
        _installed = True
        sys.addaudithook(_hook)


def is_loopback(host: str) -> bool:
    """Whether a host can only be this machine: an address of loopback, the wildcard, or a local name."""
    name = host.strip("[]").rstrip(".").lower()
    if name in _LOCAL_NAMES:
        return True
    try:
        address = ip_address(name.partition("%")[0])
    except ValueError:
        return name == socket.gethostname().lower()
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped if mapped is not None else address
    return address.is_loopback or address.is_unspecified


def _hook(event: str, args: tuple[Any, ...]) -> None:
    check = _CHECKS.get(event)
    if check is not None:
        check(args)


def _refuse(doing: str, host: str) -> None:
    _say(f"egress guard: {doing} {host} was refused{at_caller()}")
    raise EgressRefused(
        errno.ECONNREFUSED,
        f"egress guard: {doing} {host} is refused; only loopback may be reached here, and no redirect names this host",
    )


def _check_address(args: tuple[Any, ...]) -> None:
    sock, address = args[0], args[1]
    if address is None or sock.family in _HARMLESS_FAMILIES:
        return
    if sock.family not in (socket.AF_INET, socket.AF_INET6):
        _refuse("a socket of family", str(sock.family))
    host = _text(address[0])
    if not is_loopback(host):
        _refuse("connecting to", f"{host}:{address[1]}")


def _check_name(args: tuple[Any, ...]) -> None:
    # An address written out is not looked up; connecting to it is another question.
    host = None if args[0] is None else _text(args[0])
    if host is not None and not is_loopback(host) and not _is_address(host):
        _refuse("looking up", host)


def _check_reverse(args: tuple[Any, ...]) -> None:
    host = _text(args[0] if isinstance(args[0], str) else args[0][0])
    if not is_loopback(host):
        _refuse("looking up", host)


def _is_address(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _text(host: str | bytes | bytearray) -> str:
    return host if isinstance(host, str) else bytes(host).decode("ascii", "replace")


def _program(args: tuple[Any, ...]) -> None:
    # The name and a plain first word ("git rev-parse"), never the rest: keys stand in arguments.
    executable, argv = args[0], args[1] if len(args) > 1 else ()
    if isinstance(argv, str | bytes):
        argv = os.fsdecode(argv).split()
    words = [os.fsdecode(word) for word in (argv or ()) if isinstance(word, str | bytes | os.PathLike)]
    name = os.path.basename(words[0] if words else os.fsdecode(executable or "?"))  # noqa: PTH119
    plain = len(words) > 1 and len(words[1]) <= 20 and words[1].replace("-", "").isalpha()
    note(f"started a program: {name}{' ' + words[1] if plain else ''}{at_caller()}")


def _command(args: tuple[Any, ...]) -> None:
    _program((args[0], args[0]))


_CHECKS: dict[str, Callable[[tuple[Any, ...]], None]] = {
    "socket.connect": _check_address,
    "socket.sendto": _check_address,
    "socket.sendmsg": _check_address,
    "socket.getaddrinfo": _check_name,
    "socket.gethostbyname": _check_name,
    "socket.gethostbyaddr": _check_reverse,
    "socket.getnameinfo": _check_reverse,
    "subprocess.Popen": _program,
    "os.posix_spawn": _program,
    "os.exec": _program,
    "os.system": _command,
}
