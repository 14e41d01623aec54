"""The lab: one isolated copy of a bot in a simulated world that can be broken."""
