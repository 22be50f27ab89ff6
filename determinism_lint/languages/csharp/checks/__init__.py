"""Checks of what rules mean in C# alone."""
