"""Express Mode: a web service of which ECS makes all but the image, and which only it changes.

    operations    the API               definitions   task definitions made of a primary container
    rendering     services and what ECS made, as JSON

The service is one like any other, with ECS's own canary (5 % for 3 minutes, 3 minutes of bake) over a load balancer,
two target groups, a rule and an alarm that ECS makes (`sandbox.managed`). Its owner sets no deployment configuration
and no hooks, and UpdateService refuses it.

Not as AWS has it: the listener is HTTP on 80, where AWS's is HTTPS on 443 with a certificate that ECS asks for; all
accesses are PUBLIC; nothing is ever PROVISIONING; the scaling has its limits, but no policy that acts.
"""
