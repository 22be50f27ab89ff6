"""What rules mean in Python alone; see `determinism_lint.checks`."""
