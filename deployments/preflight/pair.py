"""The checks of a service pair."""

from deployments.preflight import (
    health,
    health_settings,
    other_rules,
    owned,
    permissions,
    scaling,
    scheduled,
    services,
    target_groups,
    timing,
    traffic,
)
from deployments.preflight.beside import BESIDE_THE_LIVE_ONE
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
        ("health-settings", health_settings.of_both_slots),
        ("test-rule", traffic.test),
        ("other-rules", other_rules.of_pair),
        ("owned-by-ecs", owned.check),
        ("stickiness", traffic.stickiness),
        *BESIDE_THE_LIVE_ONE,
        ("scaling", scaling.check),
        ("timing", timing.check),
        ("scheduled-tasks", scheduled.check),
        ("permissions", permissions.check),
    ),
)
