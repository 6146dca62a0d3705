#: Which Tealgate this is. CHANGELOG.md, both Dockerfiles and the kept databases of tests/upgrade follow it.
__version__ = "1.0.0"
