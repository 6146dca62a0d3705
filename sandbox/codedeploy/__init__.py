"""AWS CodeDeploy for the compute platforms ECS and Server.

This is the sandbox's own CodeDeploy: moto's records a deployment and leaves it at "Created".

    model        the nouns                     engine      the thread that drives every deployment
    store        keeps them, under one lock    halts       why a deployment ends early
    api          operations by name            rollbacks   what follows an end like that
    applications, configs, groups, revisions, deployments, control, targets, tags: the operations
    rendering    nouns as AWS's JSON           alarms      reading CloudWatch's states
    appspec      what is to be deployed        history     going on after a restart
    lifecycle    lifecycle events and waiting

    ecs/         a replacement task set, traffic by the listeners' default actions
    server/      instances as processes, an agent that runs appspec.yml on each of them

A deployment is a generator: one story from top to bottom that yields wherever it has to wait. The
engine takes every story one step on, and throws into it what people and alarms want. Lambda is not here:
an AppSpec whose hooks name functions is refused.
"""
