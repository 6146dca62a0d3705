"""Service deployments and service revisions: what AWS remembers of every deployment of a service, and the built-in
strategies BLUE_GREEN, LINEAR and CANARY.

Every deployment of a service with the ECS controller has a service revision (what is deployed) and a service
deployment (how that goes).

    configuration   what CreateService and UpdateService refuse      begin     a new revision and its deployment
    stages          the stages of a strategy, in order               machine   one stage on at a time
    traffic         target groups, listener rules, their weights     hooks     pauses and their answers
    watch           circuit breaker and alarms                       rolling   the same records for rolling updates
    connecting      registries, Service Connect, volumes of a revision
    operations      the API                                          saved     going on after a restart

A strategy is a list of steps, made when the deployment starts and replaced by a shorter one when it rolls back.
``machine.advance`` is called at every pass of the scheduler: it enters a step (tasks wanted, weights written, hooks
opened) and leaves it once nothing keeps it there. It never waits.

- The target groups swap roles at every deployment. The one that serves is the one the serving revision was given,
  and so it is in ``resolvedConfiguration``; like AWS, nobody looks at the weights again before writing them.
- The source keeps its tasks until BAKE_TIME is over. Until then the way back is to write the weights again; after
  that a request to roll back comes too late and the deployment still ends SUCCESSFUL.
- The first deployment of a service has no source: no hook is opened, nothing bakes, and when it fails there is
  nothing to go back to, so it ends ROLLBACK_FAILED (STOPPED when somebody stopped it).
- A circuit breaker or an alarm without ``rollback`` is reported as TRIGGERED and changes nothing else.
- Network load balancers and Lambda hooks are refused.

Kept over a restart with ``--state``: every service deployment with its revisions. One that was under way begins again
under the same ARN, with all traffic back on its source and its hooks to be answered anew; one that was rolling back
is found rolled back.
"""
