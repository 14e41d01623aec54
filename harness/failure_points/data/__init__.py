"""Points about the provider, its daemon, and the cache between it and the bot."""
