"""`simulate`: a venue or a provider alone, to point any client at."""

from __future__ import annotations

import enum
import json
import secrets
import threading
from typing import Annotated

import typer

from harness.cli.arguments import FLAG
from harness.cli.trouble import sentences


class Party(enum.StrEnum):
    """Whom to simulate."""

    ALPACA = "alpaca"
    UW = "uw"


def simulate(
    party: Annotated[
        Party, typer.Argument(help="alpaca: trading, market data and both websockets; uw: Unusual Whales.")
    ],
    port: Annotated[int, typer.Option(help="The loopback port; 0 picks a free one.", min=0, max=65535)] = 0,
    always_open: Annotated[
        bool, typer.Option(metavar=FLAG, help="Run the venue's clock inside a session, whatever the day.")
    ] = True,
) -> None:
    """Run one simulated venue or provider until Ctrl-C. Prints one JSON line with its URLs, key and secret."""
    from harness.lab.simulator import PortTaken, simulated

    key, secret = f"LAB{secrets.token_hex(8).upper()}", secrets.token_hex(20)
    with sentences(PortTaken), simulated(party, port=port, key=key, secret=secret, in_session=always_open) as lines:
        print(json.dumps(lines), flush=True)
        threading.Event().wait()
