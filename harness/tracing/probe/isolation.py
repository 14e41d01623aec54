"""A fork's own copy of the directories that the bot writes: a private mount namespace with a tmpfs over each.

Bots compute paths at import, so the copy must lie at the same path. It lives in memory and goes with the namespace,
so nothing has to be taken away afterwards. Source: mount_namespaces(7), user_namespaces(7), mount(2), tmpfs(5).
"""

from __future__ import annotations

import ctypes
import os
import shutil
import stat

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
MS_REC = 0x4000
MS_PRIVATE = 0x40000
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
NAMESPACE = "mount namespace"
SERIAL = "one at a time"

_libc = ctypes.CDLL(None, use_errno=True)


def control(option: int, value: int) -> None:
    """One prctl(2). Raises OSError."""
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), f"prctl({option}, {value}): {os.strerror(ctypes.get_errno())}")


def ask(pid: int, number: int) -> None:
    """Send a signal to the main thread of a process: only there does the interpreter answer, and show the call's stack.

    Sent to the process it could go to any of its threads. Source: tgkill(2), in glibc since 2.30.
    """
    try:
        _libc.tgkill(pid, pid, number)
    except AttributeError:
        os.kill(pid, number)


def enter() -> None:
    """Go into a mount namespace of one's own, by a user namespace where not privileged. Raises OSError."""
    if _libc.unshare(CLONE_NEWNS) != 0:
        uid, gid = os.geteuid(), os.getegid()
        _check(_libc.unshare(CLONE_NEWUSER | CLONE_NEWNS), "unshare")
        # The same ids inside, so that the bot sees itself as before.
        for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            _write(f"/proc/self/{name}", text)
    _check(_libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None), "mount --make-rprivate /")


def why_not() -> str:
    """Empty where a fork can have a mount namespace with a tmpfs, else the reason."""
    pid = os.fork()
    if pid == 0:
        status = 0
        try:
            enter()
            _check(_libc.mount(b"tmpfs", b"/tmp", b"tmpfs", 0, b"mode=0700"), "mount tmpfs")
        except OSError as error:
            status = error.errno or 255
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return os.strerror(status) if status else ""


def cover(images: dict[str, str]) -> None:
    """Put a private copy of its image over each directory; an empty image means the directory as it is now.

    A directory that does not exist is made. Raises OSError, naming the directory.
    """
    done: list[str] = []
    for directory in sorted(images, key=len):
        image = images[directory]
        inside = any(directory.startswith(above + "/") for above in done)
        if inside and not image:
            continue  # the copy of the directory above has it already
        _cover(directory, image or directory)
        done.append(directory)


def make(directory: str) -> None:
    """Make a private directory that does not exist yet. Raises OSError where something else has its path."""
    if not os.path.isdir(directory) and os.path.exists(directory):  # noqa: PTH110, PTH112
        raise NotADirectoryError(20, "only whole directories can be private; name the folder that it is in", directory)
    os.makedirs(directory, exist_ok=True)  # noqa: PTH103 - pathlib costs as much as the copy


def _cover(directory: str, image: str) -> None:
    make(directory)
    source = os.open(image, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        mode = f"mode={stat.S_IMODE(os.fstat(source).st_mode):o}"
        _check(_libc.mount(b"tmpfs", os.fsencode(directory), b"tmpfs", 0, mode.encode()), f"mount tmpfs {directory}")
        # By descriptor: the image may be the directory that has just been covered.
        copy_tree(f"/proc/self/fd/{source}", directory)
    finally:
        os.close(source)


def copy_tree(source: str, target: str) -> None:
    """Copy a directory's contents with modes, owners and times; sockets, pipes and devices are left out.

    The bot's own processes may be at work in it: a draft that was renamed since the listing is not there any more.
    """
    with os.scandir(source) as entries:
        for entry in entries:
            try:
                _copy(entry, f"{target}/{entry.name}")
            except FileNotFoundError:
                if os.path.lexists(entry.path):
                    raise


def _copy(entry: os.DirEntry[str], to: str) -> None:
    if entry.is_symlink():
        os.symlink(os.readlink(entry.path), to)  # noqa: PTH115
    elif entry.is_dir():
        os.mkdir(to)  # noqa: PTH102
        copy_tree(entry.path, to)
        _like(entry.stat(), to)
    elif entry.is_file():
        shutil.copyfile(entry.path, to)
        _like(entry.stat(), to)


def _like(was: os.stat_result, path: str) -> None:
    if os.geteuid() == 0:
        os.chown(path, was.st_uid, was.st_gid)
    os.chmod(path, stat.S_IMODE(was.st_mode))  # noqa: PTH101
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))


def _write(path: str, text: str) -> None:
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def _check(result: int, doing: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{doing}: {os.strerror(number)}")
