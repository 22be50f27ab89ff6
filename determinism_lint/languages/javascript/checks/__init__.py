"""What rules mean in JavaScript alone; see `determinism_lint.checks`."""
