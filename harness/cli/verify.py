"""`verify`: the question, answered in a lab, with reports."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from harness.cli.arguments import FLAG, REFERENCE, At, Bot, Clean, Json, deployment_at, folder_for, instant
from harness.cli.progress import say
from harness.cli.screen import screen
from harness.cli.trouble import Trouble, sentences
from harness.verdict import EXIT_CODES

if TYPE_CHECKING:
    from harness.verdict.document import Document

Full = Annotated[
    bool, typer.Option("--full", metavar=FLAG, help="Run the failure points' own tests first; takes minutes.")
]
Reports = Annotated[Path, typer.Option("--reports", help="The folder for verdict.json and readiness.html.")]


def verify(
    bot: Bot = REFERENCE,
    at: At = "",
    clean: Clean = False,
    full: Full = False,
    reports: Reports = Path("reports"),
    as_json: Json = False,
) -> None:
    """Verify a bot in a lab: would a good signal become an order right now?

    Copies the bot with its state, starts it against simulated venues on loopback, judges every failure point, sends
    canary signals, and believes only the venue's own ledger. Exit code: 0 GREEN, 1 YELLOW, 2 RED, 3 could not run.
    """
    deployment, at_s = deployment_at(bot), instant(at)
    folder_for(reports)
    from chaos.experiments import inject
    from harness.cli.wiring import wiring
    from harness.lab.bench import UNABLE
    from harness.readiness import Options, proof
    from harness.readiness import verify as run
    from harness.readiness.own_tests import prove

    with sentences(*UNABLE), wiring(say) as wires:
        with sentences(OSError):
            record = prove(proof.record_path(), say) if full else proof.read(proof.record_path())
        options = Options(
            at_s=at_s,
            clean=clean,
            egress_guard=wires.guard,
            wire=wires.make,
            wire_missing=wires.missing,
            faults=inject,
            say=say,
            record=record,
        )
        document = run(deployment, options)
    _tell(document, reports, as_json=as_json)
    raise typer.Exit(EXIT_CODES[document.verdict])


def _tell(document: Document, reports: Path, *, as_json: bool) -> None:
    """Write the reports and print the verdict, which is told also where no report can be written."""
    from harness.report.encode import encode
    from harness.report.terminal import print_verdict
    from harness.report.write import write_reports

    try:
        report, unwritten = write_reports(document, folder_for(reports)).readiness, None
    except OSError as error:
        report, unwritten = None, error
    if as_json:
        sys.stdout.write(encode(document).decode())
    else:
        print_verdict(document, screen(), report=report)
    if unwritten is not None:
        raise Trouble(
            f"the verdict is {document.verdict}, and no report of it could be written to {reports}:"
            f" {unwritten.strerror}; make room there, or name another folder with --reports"
        )
