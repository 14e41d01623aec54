"""Descriptors that were open before a fork: each fork gets its own, so that forks do not meet in them.

A log file that import opened would else be written for real, a keep-alive connection would answer two canaries, and
an event loop made at import would wake for another fork's sockets. Source: proc(5), epoll(7).
"""

from __future__ import annotations

import fcntl
import os
import re
import select
import socket
import stat

_WATCHED = re.compile(r"^tfd:\s*(\d+) events:\s*([0-9a-f]+)", re.MULTILINE)


def sever(ours: set[int]) -> None:
    """Make every connection that is open look closed by its peer; clients find a closed one and connect anew.

    What listens or is not connected stays, and so do `ours`.
    """
    gone, other = socket.socketpair()
    other.close()
    for number, path in _open():
        if number > 2 and number not in ours and path.startswith("socket:") and _connected(number):
            os.dup2(gone.fileno(), number, inheritable=False)
    gone.close()


def renew(directories: list[str], moved: dict[str, str]) -> None:
    """In a fork: open files below `directories` again, at the same offset, and every epoll with what it watches.

    `moved` maps a directory to where its original lies now, where that is not its own path.
    """
    for number, path in _open():
        if path == "anon_inode:[eventpoll]":
            _renew_epoll(number)
            continue
        for directory in directories:
            was = moved.get(directory, directory)
            if path.startswith(was + "/"):
                _renew_file(number, directory + path[len(was) :])
                break


def _open() -> list[tuple[int, str]]:
    found = []
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208
        try:
            found.append((int(name), os.readlink(f"/proc/self/fd/{name}")))  # noqa: PTH115
        except OSError:
            continue  # the descriptor of this very listing
    return found


def _renew_file(number: int, path: str) -> None:
    flags = fcntl.fcntl(number, fcntl.F_GETFL)
    try:
        fresh = os.open(path, (flags & ~(os.O_CREAT | os.O_EXCL | os.O_TRUNC)) | os.O_CLOEXEC)
    except OSError:
        # The image does not have this file. Writing nowhere is right then; writing for real never is.
        fresh = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
    else:
        if stat.S_ISREG(os.fstat(fresh).st_mode):
            os.lseek(fresh, os.lseek(number, 0, os.SEEK_CUR), os.SEEK_SET)
    os.dup2(fresh, number, os.get_inheritable(number))
    os.close(fresh)


def _renew_epoll(number: int) -> None:
    with open(f"/proc/self/fdinfo/{number}", encoding="ascii") as file:
        watched = [(int(target), int(events, 16)) for target, events in _WATCHED.findall(file.read())]
    with select.epoll() as fresh:
        for target, events in watched:
            fresh.register(target, events)
        os.dup2(fresh.fileno(), number, os.get_inheritable(number))


def _connected(number: int) -> bool:
    try:
        with socket.socket(fileno=os.dup(number)) as sock:
            if sock.family not in (socket.AF_INET, socket.AF_INET6):
                return False
            sock.getpeername()
    except OSError:
        return False  # it listens, or was never connected
    return True
