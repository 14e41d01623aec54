"""`lab`: a bot in its simulated world, kept up for playing."""

from __future__ import annotations

import json
import threading

from harness.cli.arguments import REFERENCE, At, Bot, Clean, deployment_at, instant
from harness.cli.trouble import sentences


def lab(bot: Bot = REFERENCE, at: At = "", clean: Clean = False) -> None:
    """Start a bot in a lab and keep it up until Ctrl-C; prints one JSON line that says where everything is.

    The lab's keys open the simulated upstreams and nothing else. The folder is a copy: break it as you like.
    """
    deployment, at_s = deployment_at(bot), instant(at)
    from harness.lab.bench import UNABLE, bench

    with sentences(*UNABLE), bench(deployment, at_s=at_s, clean=clean) as made:
        where = {
            "folder": str(made.deployment.root),
            "upstreams": made.world.redirects,
            "keys": made.keys.by_variable,
            "clock": made.clock.why,
            "services": {role: made.services.port.look(role).pid for role in made.deployment.toml.services},
        }
        print(json.dumps(where), flush=True)
        threading.Event().wait()
