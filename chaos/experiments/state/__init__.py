"""The real faults of the points below `failure_points/state`."""
