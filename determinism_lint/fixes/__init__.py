"""Applies fixes to files; what a fix consists of, the languages say."""
