"""The golden signal for the decide function, filled in from its template in `bot.toml`."""

from __future__ import annotations

from typing import Any


def filled(template: Any, symbol: str, price: float, now_s: float) -> Any:
    """`template` with `$symbol`, `$price` (US dollars) and `$now`, or `$now-60`, (unix seconds) filled in."""
    if isinstance(template, dict):
        return {key: filled(value, symbol, price, now_s) for key, value in template.items()}
    if isinstance(template, list | tuple):
        return [filled(value, symbol, price, now_s) for value in template]
    if template == "$symbol":
        return symbol
    if template == "$price":
        return price
    if isinstance(template, str) and template.startswith("$now"):
        return now_s + float(template.removeprefix("$now") or 0)
    return template
