"""Tealgate's client: one command that speaks to /api/v1/ for people and for pipelines.

It knows nothing of the server but its API, and needs click and the standard library only.
"""

__version__ = "1.0.0"
