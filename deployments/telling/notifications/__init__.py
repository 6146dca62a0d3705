"""Notifications: people and the channels of teams are told what happens, each where they said.

1. `receiving` is a receiver of the outbox: `audience` says who is told of an event, `wording` what. A notice a person
   and a message an address are written in one transaction, however often the event comes.
2. `sending` claims messages that are due and records what came of each; in between a thread of the worker's courier
   (`ops/worker/teller.py`) hands it to the service, which needs no database.
3. `services` are the ways out: apprise knows more than a hundred, those that can do more have an adapter of their own.

A notice is what a person was told, and is there without any address; a message is that on its way to one address.
"""
