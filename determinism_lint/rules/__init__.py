"""Reads and compiles the rule files."""
