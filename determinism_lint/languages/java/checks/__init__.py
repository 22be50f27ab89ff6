"""What rules mean in Java alone; see `determinism_lint.checks`."""
