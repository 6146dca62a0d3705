"""Amazon ECS with real processes as tasks.

This is the sandbox's own ECS, not moto's: moto starts no tasks, so hardly any of its service code would remain.

``model`` and ``cluster`` hold the nouns, ``store`` keeps them, the operations (``clusters``, ``task_definitions``,
``services``, ``tasks``, ``tags``, ``attributes``, ``account_settings``, ``protection``) are plain functions from
request to response, ``rendering`` turns nouns into AWS's JSON. ``scheduler`` is one thread that looks at everything
again and again: ``lifecycle`` moves each task one state on (``containers`` start, on ``instances`` where ``capacity``
says so), ``rollout`` compares each service with what it should be. Whatever happens in between (a process died, a
request came in) only wakes it.

``service_deployments`` is ECS's own blue/green, canary and linear, and the record of every deployment; ``tasksets``
is what CodeDeploy and external controllers work with; ``express`` makes services of Express Mode out of all that,
and ``gateways`` the way in for services that have no load balancer of their own.
"""
