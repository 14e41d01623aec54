"""Points about protections of the bot that stop a signal on purpose."""
