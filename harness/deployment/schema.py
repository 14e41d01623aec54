"""The shape of a `bot.toml`: everything the harness knows about a bot, and the only place where it knows it.

Unknown keys are refused, so a misspelt one is never a silent default.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict, StringConstraints, model_validator

from harness.vocabulary import Desk, Side, Stage
from harness.vocabulary.roles import File, Limit, Service, Upstream

SCHEMA_VERSION = 1

PATTERNS = {
    "target": r"^[A-Za-z_][\w.]*:[A-Za-z_][\w.]*$",
    "symbol": r"^\S*$",
    "variable": r"^[^=]*$",
}
Target = Annotated[str, StringConstraints(pattern=PATTERNS["target"])]
RelativePath = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
Symbol = Annotated[str, StringConstraints(min_length=1, pattern=PATTERNS["symbol"])]
Variable = Annotated[str, StringConstraints(min_length=1, pattern=PATTERNS["variable"])]
Number = Annotated[float, Strict()]
YesOrNo = Annotated[bool, Strict()]
WholeNumber = Annotated[int, Strict()]


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # an open bracket, or a port that is none
        good = False
    if not good or url != f"{parts.scheme}://{parts.netloc}" or any(map(str.isspace, url)):
        raise ValueError(f"{url!r} is no origin: write scheme and host alone, such as https://api.example.com")
    return url


Origin = Annotated[str, AfterValidator(_origin)]
"""`https://host[:port]`, without a path."""


class Table(BaseModel):
    """A table of `bot.toml`: immutable, and closed to keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Code(Table):
    """Where the bot's code and writable folders lie, relative to the folder of `bot.toml`."""

    root: RelativePath = "."
    python: str = ""
    """The bot's own interpreter; empty means the one that runs the harness."""
    python_path: tuple[str, ...] = (".",)
    exclude: tuple[str, ...] = ()
    """Names (fnmatch) that the lab does not copy. `.git`, `.env` and virtual environments are never copied."""
    writes: tuple[RelativePath, ...] = ()
    """Folders that the bot writes: each canary gets its own copy of them."""


class Environment(Table):
    """Names of the variables that hold secrets, and plain settings of this deployment."""

    secrets: tuple[Variable, ...] = ()
    set: dict[Variable, str] = {}


class UpstreamTable(Table):
    """One outside party: its protocol, the origin the bot calls, and which secrets open it."""

    protocol: Literal["alpaca", "unusual-whales"]
    url: Origin
    url_variable: str = ""
    """The environment variable the bot reads the origin from, where it has one."""
    key: str = ""
    secret: str = ""
    token: str = ""


class Live(Table):
    """How to find a running service of this deployment: its service manager, and its name there."""

    by: Literal["supervisor", "systemd", "pidfile"]
    name: str
    socket: str = ""
    """supervisor: the path of its unix socket."""


class ServiceTable(Table):
    """One long-running process. Times inside `heartbeat` are unix seconds or ISO 8601."""

    command: Annotated[tuple[str, ...], Field(min_length=1)]
    """`{python}` and `{root}` are filled in."""
    heartbeat: str = ""
    heartbeat_at: str = "at"
    cycles: str = ""
    """Dotted field of the heartbeat that counts completed cycles."""
    cycled_at: str = ""
    """Dotted field of the heartbeat with the time of the last completed cycle: a heart may beat on beside a loop that
    is stuck."""
    log: str = ""
    feeds: YesOrNo = False
    """It brings the provider's rows to the bot."""
    trades: YesOrNo = False
    """It can send orders: held while a canary is under way, watched at depth `process`."""
    live: Live | None = None


class FileTable(Table):
    """One file of a role."""

    path: RelativePath
    updated_at: str = ""
    """Dotted field with the content's own time of update; the file's mtime is not believed."""
    metadata: str = ""
    """Top-level key that is not an entry."""
    entries: str = ""
    """Dotted field that holds the entries; empty: the top level itself."""
    symbol: str = "symbol"
    """Positions: the field of an entry that names its symbol, where the entries are a list."""
    quantity: str = "qty"
    """Positions: the field of an entry that holds its signed quantity."""
    price: str = "avg_price"
    """Positions: the field of an entry that holds its average price."""
    written_by: Service | None = None
    default: str = ""
    """The declared default content, a path relative to the root. A file that has one is required: it must exist."""
    schemas: tuple[WholeNumber, ...] = ()
    """The numbers in the content's own field `schema` that the bot can read; empty: the content carries none."""


class Pace(Table):
    """What the lab may speed up, and by how much: intervals are divided and rates multiplied by one factor."""

    factor: Annotated[Number, Field(ge=1)] = 1.0
    intervals: dict[Variable, Annotated[Number, Field(gt=0)]] = {}
    rates: dict[Variable, Annotated[Number, Field(gt=0)]] = {}


class CallTable(Table):
    """One way into the bot, and what to hand it: `$signals`, `$signal`, `$call:module:name`, `$ref:module:name`."""

    target: Target
    """A function, or `module:Class.method` with `instance`; a coroutine function is run to its end."""
    args: tuple[Any, ...] = ()
    """`["$signals"]` hands it a list with the golden signal, `["$signal"]` the signal itself; all else is literal."""
    kwargs: dict[str, Any] = {}
    instance: str = ""
    """The object whose method `target` is: `$ref:module:name`, or what `$call:module:name` returns."""
    signal: dict[str, Any] = {}
    """The golden signal, with `$symbol`, `$price` and `$now` (unix seconds, `$now-60`: a minute ago) filled in."""
    signal_factory: str = ""
    """`module:Class` where the bot's signals are objects: called with the fields of `signal` as keywords."""


class Canary(Table):
    """The golden signal and the ways it can go."""

    symbols: tuple[Symbol, ...]
    side: Side = Side.BUY
    identity: tuple[str, ...] = ("symbol",)
    """Keys, fields or columns, the first that a signal has, by whose value one signal is told from another."""
    traced: tuple[str, ...] = ()
    """Modules (`pkg.*` for a whole package) whose exits are recorded; empty: all modules of `code.python_path`."""
    orders: tuple[str, ...] = ()
    """Functions and methods that send an order, by their last names, where these do not say so; `submit_order`,
    `buy`, `place` and their like are known, and so is a POST to orders."""
    lineage: dict[str, tuple[str, ...]] = {}
    """The bot's own names (variables, keys, attributes) for `score`, `quantity` and `price`, which are followed."""
    preload: tuple[str, ...] = ()
    deadline_s: Annotated[Number, Field(gt=0, le=600)] = 10.0
    """How long one call of the bot may take; 600 at most."""
    decide: CallTable | None = None
    cycle: CallTable | None = None
    feed: CallTable | None = None
    signals: CallTable | None = None
    """Builds the list of signals from the deployment's cache, for `canary --from-cache`."""

    @model_validator(mode="after")
    def _has_a_way_in(self) -> Canary:
        if self.decide is None and self.cycle is None:
            raise ValueError("needs [canary.decide] or [canary.cycle]: a way for a signal to enter the bot")
        if not self.symbols:
            raise ValueError("symbols is empty: a canary needs at least one symbol to trade")
        return self


class BotToml(Table):
    """A whole `bot.toml`."""

    schema_version: Annotated[int, Field(alias="schema")]
    name: Annotated[str, StringConstraints(min_length=1)]
    desks: Annotated[tuple[Desk, ...], Field(min_length=1)]
    code: Code = Code()
    environment: Environment = Environment()
    upstreams: dict[Upstream, UpstreamTable] = {}
    services: dict[Service, ServiceTable] = {}
    files: dict[File, FileTable] = {}
    limits: dict[Limit, Number] = {}
    pace: Pace = Pace()
    canary: Canary
    stages: dict[Stage, tuple[str, ...]] = {}
    """Which modules (or `module:function`) are which stage of the signal's path."""
    gates: dict[str, str] = {}
    """Which failure point each gate of the bot is: label (or condition text) to id."""


def relative_inside(root: Path, path: str) -> bool:
    """Whether `path`, taken relative to `root`, stays inside it."""
    try:
        return (root / path).resolve().is_relative_to(root.resolve())
    except (RuntimeError, OSError):
        return False  # links in a circle lead nowhere
