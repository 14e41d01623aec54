"""The verdict: rules that turn findings and canaries into a colour, and the document that carries it."""

from harness.verdict.document import Document
from harness.verdict.rules import COULD_NOT_RUN, EXIT_CODES, colour_of, reasons, roots

__all__ = ["COULD_NOT_RUN", "EXIT_CODES", "Document", "colour_of", "reasons", "roots"]
