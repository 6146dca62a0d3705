"""Runs django-q2's cluster so that any of its processes may be killed at any moment.

1. What a killed worker of this host held is freed: leases whose process is gone are released, so that its
   deployments go on at once instead of when the lease ends.
2. The heartbeat's schedule is made sure of, and one heartbeat is enqueued right away, since django-q2 looks
   at schedules only every 30 seconds.
3. The cluster runs: a sentinel that guards the workers and a courier between them and the broker. Each of them asks
   the kernel to be killed when its parent dies (Linux only), so `kill -9` leaves no orphans. All are forked from one
   parent that has read what they need, and share its memory.
4. A worker that was killed may have held the lock of the queue that all workers read, and the others would
   wait for ever. So the sentinel does not replace it but ends, its children with it, and a new one is
   started. The same happens when no heartbeat was seen for a while, whatever the cause.
5. Where there is a queue of AWS's events, one more process reads it; it is started again when it ends.
6. On SIGTERM and SIGINT deployments are handed back after their current step and the heartbeat ends, so that another
   worker goes on within 2 seconds. Whoever still holds one when that time is nearly over is killed, which is as
   safe; other tasks may finish for a few seconds.

Tasks that a killed worker had taken from the database's queue are delivered again only after django-q2's
`retry` (300 s). That does not matter: a task is a nudge, and the heartbeat nudges every second.
"""
