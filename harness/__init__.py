"""The doctor: observes a trading bot, judges it, tries a canary signal, mends within budgets, and tells."""
