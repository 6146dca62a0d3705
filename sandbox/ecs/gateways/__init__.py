"""Gateways: ways in that ECS makes for services without a load balancer of their own.

    operations    the API
    model         a gateway
    routes        what a gateway holds for one service

A service names a port of its task definition (gatewayConnectors), and its cluster is associated with a gateway. ECS
makes a load balancer, two target groups, a rule for the service's host name, and one for test traffic where the gateway
has a header for it; it shifts between them by any strategy. None of it is in `loadBalancers`: the service revision
tells it.

Not as AWS has it: the listener is HTTP on 80, where AWS's is HTTPS on 443; a gateway is not changed or deleted, and has
one load balancer a network; a service is not moved from or to a gateway.
"""
