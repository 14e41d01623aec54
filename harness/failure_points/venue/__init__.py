"""Points about the trading venue: connection, keys, account, orders."""
