"""Pictures of the readiness page: `python -m tests.report.shoot verdict.json picture.png [--width N] [--height N]`.

`green`, `yellow`, `red`, `roots` or `orders` instead of a file takes the example of that name. Needs Debian's
chromium.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from pathlib import Path

from harness.report.encode import decode
from harness.report.page import render
from harness.verdict.document import Document
from tests.report import examples

EXAMPLES = {
    "green": examples.green,
    "yellow": examples.yellow,
    "red": examples.red_gate,
    "roots": examples.red_roots,
    "orders": examples.red_two_orders,
    "large": examples.large,
}
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


def document(of: str) -> Document:
    """The example of that name, or the verdict in the file of that path."""
    return EXAMPLES[of]() if of in EXAMPLES else decode(Path(of).read_bytes())


def shoot(of: str, picture: Path, *, width: int, height: int, dark: bool = False, scale: float = 1) -> None:
    """Write a PNG of the page as a browser of that width shows it (CSS pixels). Raises CalledProcessError."""
    with tempfile.TemporaryDirectory() as scratch:
        page = Path(scratch) / "readiness.html"
        page.write_text(render(document(of)), encoding="utf-8")
        scheme = ["--blink-settings=preferredColorScheme=0"] if dark else []
        subprocess.run(
            ["chromium", *FLAGS, *scheme, f"--user-data-dir={scratch}/profile", f"--window-size={width},{height}",
             f"--force-device-scale-factor={scale}", f"--screenshot={picture.resolve()}", page.as_uri()],
            check=True, capture_output=True, timeout=60,
        )  # fmt: skip
    squeeze(picture)


def squeeze(picture: Path) -> None:
    """Make the picture smaller where pngquant is at hand."""
    if shutil.which("pngquant"):
        subprocess.run(["pngquant", "--force", "--skip-if-larger", "--output", picture, "128", picture], check=False)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("verdict")
    words.add_argument("picture", type=Path)
    words.add_argument("--width", type=int, default=1280)
    words.add_argument("--height", type=int, default=1500)
    words.add_argument("--dark", action="store_true")
    words.add_argument("--scale", type=float, default=1)
    asked = words.parse_args()
    shoot(asked.verdict, asked.picture, width=asked.width, height=asked.height, dark=asked.dark, scale=asked.scale)


if __name__ == "__main__":
    main()
