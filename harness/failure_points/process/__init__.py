"""Points about the processes of the bot and the machine under them."""
