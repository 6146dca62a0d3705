"""Webhooks: events as CloudEvents, signed as Standard Webhooks has it, in order within a chain.

1. `filling` is a receiver of the outbox: one row for each webhook that an event is for, with the body as it will be
   sent, however often that takes.
2. `sending` claims the first row of each chain that is due and makes what to send; `recording` writes down what came of
   it. In between a thread of the worker's courier asks the receiver (`ops/worker/teller.py`), so one that hangs keeps
   neither the database nor a process that deploys.
3. `outcome` decides over values what an answer means: delivered, again after a pause, given up, or not wanted any more.
"""
