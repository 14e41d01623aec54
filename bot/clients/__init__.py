"""Clients that cannot hang, do not resend orders, and say what kind of failure they met."""
