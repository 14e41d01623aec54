"""A drill: the real fault of one failure point in a lab, and whether it is detected, blocks, heals and recovers."""

from harness.drill.drill import STEPS, Drill, Step, drill
from harness.drill.series import drills
from harness.drill.stock import BenchInStock

__all__ = ["STEPS", "BenchInStock", "Drill", "Step", "drill", "drills"]
