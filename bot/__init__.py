"""A reference trading bot: option flow in, bracket orders out, on one paper account.

It trades by itself: `python -m bot daemon`, `python -m bot run` and `python -m bot heartbeat` are its three processes.
Importing any part of it starts no thread, opens no file and calls nobody.
"""
