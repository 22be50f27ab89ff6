"""Python: parser, imports, library, discovery, SDKs."""
