"""Histories that were recorded elsewhere: reading them, and holding today's code against them."""
