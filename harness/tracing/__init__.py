"""Tracing: a probe inside the bot's interpreter, the host that forks canaries there, and the reading of records."""
