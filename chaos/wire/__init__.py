"""The wire between a bot and its venues: a real Toxiproxy server, and what only a real socket can suffer."""
