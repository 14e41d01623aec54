"""Where the bot keeps what it knows: `state/`, `data/` and `logs/` under its home.

Home is the folder named by `BOT_HOME`, or else the folder of this package. The very first start makes `state/` from
`defaults/`. From then on a missing state file is a fault that somebody has to look at: it is never made again silently,
because an empty book of positions looks exactly like a book with nothing in it.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from bot.durable.atomic import sweep_unfinished, sync_folder

PACKAGE = Path(__file__).resolve().parent
DEFAULTS = PACKAGE / "defaults"


@dataclass(frozen=True, slots=True)
class Home:
    """The bot's folders and the files in them."""

    root: Path

    @property
    def state(self) -> Path:
        """Folder of everything that must survive a restart."""
        return self.root / "state"

    @property
    def data(self) -> Path:
        """Folder of what can be fetched again."""
        return self.root / "data"

    @property
    def logs(self) -> Path:
        """Folder of JSON-lines logs."""
        return self.root / "logs"

    @property
    def flow_cache(self) -> Path:
        """What the flow daemon fetched last."""
        return self.data / "uw_flow_cache.json"

    @property
    def settings_file(self) -> Path:
        """The home's own settings where it has some, else those of the package."""
        own = self.root / "config" / "equities.toml"
        return own if own.exists() else PACKAGE / "config" / "equities.toml"


def find_home() -> Home:
    """Read `BOT_HOME` now, not at import, so that a fork or a test may point elsewhere."""
    named = os.environ.get("BOT_HOME", "")
    return Home(Path(named).expanduser().resolve() if named else PACKAGE)


def prepare(home: Home, *, anew: bool = False) -> bool:
    """Make the folders; on the first start also `state/`, whole or not at all. True when this call made it.

    Three processes may start at once: each fills a folder of its own, and the one rename that succeeds wins.
    A home that has decided before has had a state: its kill switch must not be lost with it, so only `anew` makes it
    again. Raises OSError when the home cannot be written, FileNotFoundError when its state is gone.
    """
    home.data.mkdir(parents=True, exist_ok=True)
    home.logs.mkdir(parents=True, exist_ok=True)
    for folder in (home.state, home.data):
        sweep_unfinished(folder)
    if home.state.exists():
        return False
    if (home.logs / "decisions.jsonl").exists() and not anew:
        way_out = "this bot has traded before; put its state back, or start anew with `python -m bot init`"
        raise FileNotFoundError(errno.ENOENT, way_out, str(home.state))
    draft = home.root / f".state.{os.getpid()}.{secrets.token_hex(4)}.draft"
    try:
        _copy_defaults(draft)
        draft.rename(home.state)
    except OSError:
        if home.state.is_dir():
            return False  # another process was first, and its copy is as good as ours
        raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    sync_folder(home.root)
    return True


def _copy_defaults(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    for default in sorted(DEFAULTS.iterdir()):
        if default.suffix not in {".json", ".jsonl"}:
            continue
        copy = os.open(folder / default.name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(copy, "wb") as file:
            file.write(default.read_bytes())
            file.flush()
            os.fsync(file.fileno())
    sync_folder(folder)
