"""What goes into a bot's interpreter: the standard library only, and nothing of harness.

Inside a bot it is loaded by path under the private name `_signal_probe`, so that it can never meet a module of the
bot's; modules in here import each other relatively for that reason.
"""
