"""Looking at the machine under the bot."""

from __future__ import annotations

import shutil

from harness.deployment import Deployment
from harness.observe.snapshot import HostFacts
from harness.vocabulary import Seen, Unseen


def look_at_host(deployment: Deployment, now_s: float) -> HostFacts:
    """Disk use of the file system that holds the bot."""
    try:
        usage = shutil.disk_usage(deployment.root)
    except OSError as error:
        return HostFacts(disk_used_share=Unseen(f"{deployment.root}: {error.strerror}"))
    return HostFacts(disk_used_share=Seen(usage.used / usage.total, now_s))
