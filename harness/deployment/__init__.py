"""One bot as its `bot.toml` describes it: roles resolved to paths, commands, hosts and limits."""

from harness.deployment.deployment import Deployment
from harness.deployment.load import DeploymentError, load

__all__ = ["Deployment", "DeploymentError", "load"]
