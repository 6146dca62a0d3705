"""Telling the outside what happens: what was decided elsewhere goes out, and nobody decides here.

Rooms of this kind take events from the outbox, keep a row for what is to be told, and tell it in the background. A
deployment never waits for any of them.
"""
