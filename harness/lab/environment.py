"""The environment of the bot's processes in the lab: the deployment's plain settings, lab keys, and the pace.

Everything that differs from the deployment is an `Override`, and the report lists them all.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field

from harness.deployment import Deployment
from harness.verdict.document import Override
from harness.vocabulary.roles import Upstream

_KEPT = ("PATH", "LANG", "LC_ALL", "TZ")


@dataclass(frozen=True, slots=True, kw_only=True)
class LabKeys:
    """Keys that open the simulated upstreams and nothing else; made for one bench."""

    by_variable: dict[str, str] = field(repr=False)

    @classmethod
    def make(cls, deployment: Deployment) -> LabKeys:
        names = set(deployment.toml.environment.secrets)
        for table in deployment.toml.upstreams.values():
            names |= {name for name in (table.key, table.secret, table.token) if name}
        return cls(by_variable={name: f"LAB{secrets.token_hex(16).upper()}" for name in sorted(names)})

    def of(self, deployment: Deployment, role: Upstream) -> dict[str, str]:
        """The key, secret and token of one upstream; empty strings for what its protocol does not use."""
        table = deployment.upstream(role)
        variables = {"key": table.key, "secret": table.secret, "token": table.token}
        return {word: self.by_variable.get(variable, "") for word, variable in variables.items()}


def base_environment(deployment: Deployment, keys: LabKeys, home: str) -> dict[str, str]:
    """What a bot's process gets in the lab, before clock and probe. Nothing else of ours leaks in."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    plain = {"HOME": home, "TMPDIR": home, "NO_PROXY": "*", "PYTHONUNBUFFERED": "1"}
    return {**kept, **plain, **deployment.settings(), **keys.by_variable, **paced(deployment)}


def paced(deployment: Deployment) -> dict[str, str]:
    """The variables that the lab speeds up, by the deployment's one declared factor."""
    pace = deployment.toml.pace
    settings = deployment.settings()
    intervals = {
        name: f"{float(settings.get(name, value)) / pace.factor:.6g}" for name, value in pace.intervals.items()
    }
    rates = {name: str(round(float(settings.get(name, value)) * pace.factor)) for name, value in pace.rates.items()}
    return {**intervals, **rates}


def overrides(deployment: Deployment, redirects: dict[str, str], keys: LabKeys) -> tuple[Override, ...]:
    """Every setting in which the lab's copy differs from its deployment; secrets by name only."""
    pace = deployment.toml.pace
    deployed = {**{n: f"{v:g}" for n, v in {**pace.intervals, **pace.rates}.items()}, **deployment.settings()}
    rows = [
        Override(name=name, deployment=deployed.get(name, ""), lab=value, why=f"pace x{pace.factor:g}")
        for name, value in paced(deployment).items()
    ]
    rows += [
        Override(name=table.url_variable or table.url, deployment=table.url, lab=redirects[table.url], why="endpoint")
        for table in deployment.toml.upstreams.values()
    ]
    rows += [Override(name=name, deployment="(not read)", lab="(lab key)", why="key") for name in keys.by_variable]
    return tuple(rows)
