"""Runs the orchestrators of one SDK. Each host imports its SDK, so only the child process may import it."""
