"""Which process a fault may strike."""

from __future__ import annotations

import os

import psutil

from chaos.identity import ProcessId, identify


def victim(pid: int) -> ProcessId:
    """Name the process that is to suffer.

    Raises ValueError for this process, those that it runs under, and pid 1: whoever stops them lifts nothing any
    more. Raises ProcessLookupError when no such process runs.
    """
    above = {parent.pid for parent in psutil.Process().parents()}
    if pid <= 1 or pid == os.getpid() or pid in above:
        raise ValueError(f"process {pid} is this run or one that it runs under; name the bot's process")
    return identify(pid)
