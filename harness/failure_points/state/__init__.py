"""Points about the files in which the bot keeps what it must remember between cycles."""
