"""Task definitions as values: read from files, made for a release, and compared."""
