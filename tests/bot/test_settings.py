"""A wrong setting stops the start with one sentence that names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.home import PACKAGE
from bot.settings import Settings, SettingsError, load_settings

KEYS = ("alpaca_api_key", "alpaca_secret_key", "uw_api_key")


@pytest.fixture(autouse=True)
def no_settings_around(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' own environment must not be read as settings."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "equities.toml"
    path.write_text("max_positions = 12\n", encoding="utf-8")
    return path


def refusal(file: Path, *, require: tuple[str, ...] = ()) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(file, require=require)
    return str(caught.value)


def test_the_committed_file_is_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings that ship load, at the catalogue's limits."""
    for name in KEYS:
        monkeypatch.setenv(name.upper(), "k")
    settings = load_settings(PACKAGE / "config" / "equities.toml", require=KEYS)

    assert (settings.entry_threshold, settings.max_positions, settings.max_new_positions_per_cycle) == (3.0, 16, 6)
    assert (settings.cache_max_age_s, settings.symbol_cooldown_s, settings.guard_cooldown_s) == (600, 900, 300)
    assert (settings.guard_max_exposure_share, settings.guard_max_concentration_share) == (0.30, 0.15)
    assert (settings.guard_max_notional_usd, settings.guard_price_band_share) == (2000, 0.05)


def test_the_environment_beats_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable wins over the file, the file over the default."""
    assert load_settings(file).max_positions == 12
    monkeypatch.setenv("MAX_POSITIONS", "3")

    assert load_settings(file).max_positions == 3


def test_a_variable_holds_a_table_as_json(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Themes from the environment are read like those of the file."""
    monkeypatch.setenv("THEMES", '{"chips": ["NVDA", "AMD"]}')

    assert load_settings(file).theme_of("AMD") == "chips"


def test_all_missing_secrets_are_named_at_once(file: Path) -> None:
    """Nobody has to start three times to learn of three variables."""
    assert refusal(file, require=KEYS) == (
        "ALPACA_API_KEY, ALPACA_SECRET_KEY, UW_API_KEY are not set; export it before starting the bot."
    )


def test_a_blank_secret_is_a_missing_one(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spaces are no key."""
    monkeypatch.setenv("UW_API_KEY", "  ")

    assert refusal(file, require=("uw_api_key",)).startswith("UW_API_KEY is not set")


def test_a_secret_never_shows(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the settings nor an error about them print a key."""
    monkeypatch.setenv("ALPACA_SECRET_KEY", "hunter2")
    settings = load_settings(file)
    monkeypatch.setenv("MAX_POSITIONS", "hunter2")

    assert "hunter2" not in repr(settings)
    assert "hunter2" not in refusal(file)


@pytest.mark.parametrize(
    ("variable", "value", "names"),
    [
        (
            "CYCLE_INTERVAL_S",
            "0",
            "environment variable CYCLE_INTERVAL_S: input should be greater than or equal to 0.02",
        ),
        ("CYCLE_INTERVAL_S", "nan", "CYCLE_INTERVAL_S: input should be a finite number"),
        ("CYCLE_INTERVAL_S", "", "CYCLE_INTERVAL_S is set but empty"),
        ("ENTRY_THRESHOLD", "-1", "ENTRY_THRESHOLD: input should be greater than 0"),
        ("MAX_POSITIONS", "16.5", "MAX_POSITIONS: input should be a valid integer"),
        ("GUARD_MAX_EXPOSURE_SHARE", "30", "GUARD_MAX_EXPOSURE_SHARE: input should be less than or equal to 1"),
        ("ALPACA_BASE_URL", "https://api.alpaca.markets", "trades on paper only"),
        ("ALPACA_BASE_URL", "https://paper-api.alpaca.markets.evil.example", "trades on paper only"),
        ("ALPACA_BASE_URL", "http://paper-api.alpaca.markets", "unencrypted"),
        ("ALPACA_BASE_URL", "https://paper-api.alpaca.markets/v2", "must not end in a version"),
        ("UW_BASE_URL", "api.unusualwhales.com", "UW_BASE_URL: is no http(s) URL"),
        ("VENUE_DEADLINE_S", "50", "VENUE_DEADLINE_S is longer than CYCLE_DEADLINE_S"),
        ("UW_BASE_URL", "https://me:hunter2@uw.example", "must not hold a user or a password"),
        ("UW_API_KEY", "hunter2\n", "environment variable UW_API_KEY: holds a space, a line break"),
        ("ALPACA_SECRET_KEY", "hunter\u2019", "environment variable ALPACA_SECRET_KEY: holds a space, a line break"),
        ("THEMES", '{"chips": "NVDA"}', "THEMES: input should be a valid list"),
        ("THEMES", "chips", "environment variable THEMES: is no JSON; write it as"),
        ("MIN_ORDER_USD", "5000", "MIN_ORDER_USD is above GUARD_MAX_NOTIONAL_USD"),
    ],
)
def test_a_bad_value_is_refused(
    file: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, names: str
) -> None:
    """Out of range, of the wrong kind, or in contradiction: the sentence names the variable and the rule."""
    monkeypatch.setenv(variable, value)

    assert names in refusal(file)
    assert "hunter" not in refusal(file)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("max_position = 16", "unknown setting 'max_position'"),
        ('max_positions = "16"', "max_positions = '16' is a str"),
        ("max_positions = true", "max_positions = True is a bool"),
        ("max_positions = 0", "max_positions in"),
        ("entry_threshold = nan", "finite number"),
        ('uw_api_key = "k"', "'uw_api_key' is a secret; set UW_API_KEY in the environment"),
        ("max_positions = ", "cannot be read"),
    ],
)
def test_a_bad_file_is_refused(file: Path, text: str, names: str) -> None:
    """The sentence names the file's key."""
    file.write_text(text, encoding="utf-8")

    assert names in refusal(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """The defaults are not taken silently."""
    assert "equities.toml is missing" in refusal(tmp_path / "equities.toml")


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://127.0.0.1:8080/@canary-1/", "http://localhost:1"])
def test_a_loopback_venue_is_allowed(file: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """A simulated venue stands in for the paper host, with its path kept and a trailing slash dropped."""
    monkeypatch.setenv("ALPACA_BASE_URL", url)

    assert load_settings(file).alpaca_base_url == url.rstrip("/")
