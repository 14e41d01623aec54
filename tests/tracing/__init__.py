"""The probe and the reading of what it recorded."""
