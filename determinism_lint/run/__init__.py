"""One run over a project: settings, files, byte search, cache, ignores, baseline."""
