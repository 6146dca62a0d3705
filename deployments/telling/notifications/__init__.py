"""Telling people: what happened or waits for them, by the services where they read."""
