"""Healing: a remedy is executed within its budget, one at a time per target, looked at again, and written down."""

from harness.healing.budget import Budgets
from harness.healing.healer import Healer, Healing, Outcome
from harness.healing.journal import Journal

__all__ = ["Budgets", "Healer", "Healing", "Journal", "Outcome"]
