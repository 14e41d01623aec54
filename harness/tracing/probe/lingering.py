"""Work that the call left behind in threads: an order sent from a pool is still the call's order.

A real bot's process goes on after the call; a fork ends. So its non-daemon threads get a moment to finish, as they
would at the end of an interpreter, but no exit handler runs. Source: `concurrent.futures.thread._python_exit`.
"""

from __future__ import annotations

import sys
import threading
import time

from .notes import note

GRACE_S = 1.0


def wait(grace_s: float = GRACE_S) -> None:
    """Wait for pool workers to finish what was submitted and for other non-daemon threads, at most `grace_s`."""
    others = [thread for thread in threading.enumerate() if thread is not threading.main_thread()]
    if not others:
        return
    pooled = _dismiss_pools()
    deadline_s = time.monotonic() + grace_s
    for thread in others:
        if thread in pooled or not thread.daemon:
            thread.join(max(0.0, deadline_s - time.monotonic()))
    left = sorted(thread.name for thread in others if thread.is_alive())
    if left:
        note(f"threads still running when the call had ended: {', '.join(left[:10])}")


def _dismiss_pools() -> set[threading.Thread]:
    """Tell the workers of every ThreadPoolExecutor to end once their queue is empty."""
    pools = sys.modules.get("concurrent.futures.thread")
    queues = getattr(pools, "_threads_queues", None)
    if pools is None or queues is None:
        return set()
    pools._shutdown = True  # type: ignore[attr-defined]
    workers = list(queues.items())
    for _, queue in workers:
        queue.put(None)
    return {thread for thread, _ in workers}
