"""Settings: the environment beats `config/equities.toml`, which beats the defaults written here.

Every number has a range, so that a typing error stops the start instead of the trading. Secrets come from the
environment alone. Nothing is read at import.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

PAPER_HOST = "paper-api.alpaca.markets"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

Seconds = Annotated[float, Field(ge=0.02, le=86_400)]
Share = Annotated[float, Field(gt=0, le=1)]
Usd = Annotated[float, Field(gt=0, le=10_000_000)]
Count = Annotated[int, Field(ge=1, le=1_000)]


class SettingsError(Exception):
    """The bot may not start; the message names the setting and the way out."""


class Settings(BaseModel):
    """Units stand last in the names: `_s` seconds, `_usd` dollars, `_share` a part of 1."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, hide_input_in_errors=True)

    alpaca_api_key: SecretStr = SecretStr("")
    alpaca_secret_key: SecretStr = SecretStr("")
    uw_api_key: SecretStr = SecretStr("")
    alpaca_base_url: str = f"https://{PAPER_HOST}"
    alpaca_data_url: str = "https://data.alpaca.markets"
    uw_base_url: str = "https://api.unusualwhales.com"

    cycle_interval_s: Seconds = 60.0
    cycle_deadline_s: Seconds = 45.0
    uw_poll_interval_s: Seconds = 30.0
    heartbeat_interval_s: Seconds = 5.0
    health_interval_s: Seconds = 15.0
    uw_requests_per_minute: Annotated[int, Field(ge=1, le=1_000_000)] = 60
    uw_deadline_s: Seconds = 10.0
    venue_connect_s: Seconds = 3.0
    venue_read_s: Seconds = 5.0
    venue_deadline_s: Seconds = 10.0
    settle_window_s: Annotated[float, Field(ge=0, le=3_600)] = 5.0

    cache_max_age_s: Seconds = 600.0
    cluster_window_s: Seconds = 1_800.0
    cluster_min_alerts: Count = 2
    cluster_min_premium_usd: Usd = 50_000.0

    entry_threshold: Annotated[float, Field(gt=0, le=10)] = 3.0
    self_healing_raise: Annotated[float, Field(ge=0, le=5)] = 0.5
    self_healing_reset_s: Seconds = 86_400.0
    max_positions: Count = 16
    max_new_positions_per_cycle: Count = 6
    min_expectancy_pct: Annotated[float, Field(ge=-10, le=10)] = 0.1
    theme_limit_share: Share = 0.20
    symbol_cooldown_s: Annotated[float, Field(ge=0, le=86_400)] = 900.0
    allow_short: bool = False

    position_share: Share = 0.015
    min_order_usd: Usd = 100.0
    max_spread_share: Share = 0.02
    quote_max_age_s: Seconds = 60.0
    take_profit_share: Share = 0.04
    stop_loss_share: Share = 0.02
    entry_max_age_s: Seconds = 900.0
    max_hold_s: Annotated[float, Field(ge=60, le=31_536_000)] = 432_000.0

    guard_max_shares: Annotated[int, Field(ge=1, le=1_000_000)] = 1_000
    guard_max_notional_usd: Usd = 2_000.0
    guard_max_exposure_share: Share = 0.30
    guard_max_concentration_share: Share = 0.15
    guard_price_band_share: Share = 0.05
    guard_cooldown_s: Annotated[float, Field(ge=0, le=86_400)] = 300.0

    themes: dict[str, list[str]] = Field(default_factory=dict)

    @field_validator("themes", mode="before")
    @classmethod
    def _as_json(cls, themes: object) -> object:
        """A variable holds JSON where the file has a table."""
        try:
            return msgspec.json.decode(themes) if isinstance(themes, str) else themes
        except msgspec.DecodeError:
            raise ValueError('is no JSON; write it as {"theme": ["SYMBOL"]}') from None

    @field_validator("alpaca_api_key", "alpaca_secret_key", "uw_api_key")
    @classmethod
    def _fits_a_header(cls, secret: SecretStr) -> SecretStr:
        """HTTP libraries print a header that they cannot send, and a key in a log is a key lost."""
        key = secret.get_secret_value()
        if key.strip() and not all("!" <= letter <= "~" for letter in key):
            raise ValueError("holds a space, a line break or a letter that no key has; export it without")
        return secret

    @field_validator("alpaca_base_url", "alpaca_data_url", "uw_base_url")
    @classmethod
    def _origin(cls, url: str) -> str:
        url = url.rstrip("/")
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("is no http(s) URL")
        if parts.username is not None:
            raise ValueError("must not hold a user or a password; keys have variables of their own")
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise ValueError("would send the key unencrypted; use https")
        if parts.path.rsplit("/", 1)[-1] in {"v1", "v2", "api"}:
            raise ValueError("must not end in a version or /api; the client adds it")
        return url

    @field_validator("alpaca_base_url")
    @classmethod
    def _paper_only(cls, url: str) -> str:
        host = urlsplit(url).hostname
        if host not in LOOPBACK and host != PAPER_HOST:
            raise ValueError(f"names {host}; this bot trades on paper only, at {PAPER_HOST} or a loopback address")
        return url

    @model_validator(mode="after")
    def _consistent(self) -> Settings:
        if self.venue_connect_s > self.venue_deadline_s:
            raise ValueError("VENUE_CONNECT_S is longer than VENUE_DEADLINE_S")
        if self.venue_deadline_s > self.cycle_deadline_s:
            raise ValueError("VENUE_DEADLINE_S is longer than CYCLE_DEADLINE_S, so no order would ever be sent")
        if self.min_order_usd > self.guard_max_notional_usd:
            raise ValueError("MIN_ORDER_USD is above GUARD_MAX_NOTIONAL_USD, so no order could ever pass")
        return self

    def theme_of(self, symbol: str) -> str | None:
        """The theme that `symbol` belongs to, where one is declared."""
        return next((theme for theme, members in self.themes.items() if symbol in members), None)


_SECRETS = frozenset({"alpaca_api_key", "alpaca_secret_key", "uw_api_key"})
_PLAIN: dict[object, tuple[type, ...]] = {float: (int, float), int: (int,), bool: (bool,), str: (str,)}


def load_settings(file: Path, *, require: tuple[str, ...] = ()) -> Settings:
    """Read the settings now. `require` names the secrets without which this process cannot work.

    Raises SettingsError with one sentence for the first thing that is wrong.
    """
    try:
        settings = Settings(**{**_from_file(file), **_from_environment()})
    except ValidationError as error:
        raise SettingsError(_first_sentence(error, file)) from None
    missing = [name.upper() for name in require if not getattr(settings, name).get_secret_value().strip()]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise SettingsError(f"{', '.join(missing)} {verb} not set; export it before starting the bot.")
    return settings


def _from_environment() -> dict[str, Any]:
    """The variables that are set, under the settings' names."""
    values = {name: os.environ[name.upper()] for name in Settings.model_fields if name.upper() in os.environ}
    empty = [name.upper() for name, value in values.items() if value == "" and name not in _SECRETS]
    if empty:
        raise SettingsError(f"{', '.join(empty)} is set but empty; give it a value, or unset it for the default.")
    return values


def _from_file(file: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"{file} is missing; restore it from the repository.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file} cannot be read: {error}.") from None
    for name, value in values.items():
        if name not in Settings.model_fields:
            raise SettingsError(f"{file}: unknown setting {name!r}; see bot/settings.py for those that exist.")
        if name in _SECRETS:
            raise SettingsError(f"{file}: {name!r} is a secret; set {name.upper()} in the environment instead.")
        if not _has_right_type(name, value):
            raise SettingsError(f"{file}: {name} = {value!r} is a {type(value).__name__}; the wrong type for it.")
    return values


def _has_right_type(name: str, value: object) -> bool:
    """TOML has types, so `max_positions = "16"` is a slip to be told, not a string to be converted."""
    wanted = _PLAIN.get(Settings.model_fields[name].annotation)
    return wanted is None or (isinstance(value, wanted) and (bool in wanted or not isinstance(value, bool)))


def _first_sentence(error: ValidationError, file: Path) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    said = first["msg"].removeprefix("Value error, ")
    if not name:
        return f"The settings contradict each other: {said}."
    origin = f"environment variable {name.upper()}" if name.upper() in os.environ else f"{name} in {file}"
    return f"{origin}: {said[:1].lower()}{said[1:]}."
