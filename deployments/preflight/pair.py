"""The checks of a service pair."""

from deployments.preflight import (
    alarms,
    capacity,
    health,
    network,
    other_rules,
    permissions,
    roles,
    scaling,
    services,
    target_groups,
    task_definition,
    timing,
    traffic,
)
from deployments.preflight.checklist import Checklist
from deployments.preflight.pair_readings import PairReadings

#: `permissions` comes last: it does not ask about what the others have just read.
PAIR = Checklist(
    read=PairReadings,
    groups=(
        ("target-groups", target_groups.check),
        ("production-rule", traffic.production),
        ("services", services.check),
        ("service-roles", services.roles_in_deployment),
        ("health-check", health.check),
        ("test-rule", traffic.test),
        ("other-rules", other_rules.of_pair),
        ("stickiness", traffic.stickiness),
        ("task-definition", task_definition.check),
        ("roles", roles.check),
        ("target-type", target_groups.target_type),
        ("host-port", network.host_port),
        ("security-groups", network.security_groups),
        ("capacity", capacity.check),
        ("alarms", alarms.check),
        ("watch-5xx", alarms.watch),
        ("scaling", scaling.check),
        ("timing", timing.check),
        ("permissions", permissions.check),
    ),
)
