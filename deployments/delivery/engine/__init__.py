"""The engine: deployments go on because rows are due, not because a function keeps running.

One pass (`passes.advance`):

1. claim the row by a conditional UPDATE on its lease (`leases`);
2. make a Snapshot of it (`snapshots`), let its controller observe AWS and decide;
3. perform at most one write on AWS, outside any transaction, after noting the intent;
4. record what happened in one short transaction whose UPDATE matches only if the lease is still ours and
   nobody clicked meanwhile (`record`), so that a person's Stop is never overwritten;
5. again from 2, until the decision is to wait or the deployment has ended.

Killed at any point, the next pass begins at 1 and finds by reading what the last one did.
"""
