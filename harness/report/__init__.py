"""How a verdict is told: `verdict.json` for machines, one page for owners, a few lines for the terminal."""

from harness.report.encode import UnreadableVerdict, decode, encode
from harness.report.terminal import print_canary, print_verdict
from harness.report.write import write_reports

__all__ = ["UnreadableVerdict", "decode", "encode", "print_canary", "print_verdict", "write_reports"]
