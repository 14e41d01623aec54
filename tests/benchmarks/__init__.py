"""Measurements. They print ratios and never fail."""
