"""Looking: the only code that touches a bot's files, processes and upstreams, and it only reads."""
