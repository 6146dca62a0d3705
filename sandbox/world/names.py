"""Names, versions and ports of the seeded account."""

from collections.abc import Callable
from typing import Any

CLUSTER = "storefront"
EXTERNAL_ID = "tealgate-demo"
DEPLOYER, EXECUTION, TASK = "tealgate-deployer", "storefront-execution", "storefront-task"
INFRASTRUCTURE = "storefront-ecs-infrastructure"
LOG_GROUP = "/ecs/storefront"

# What each version does when it is deployed.
IMAGES: tuple[dict[str, Any], ...] = (
    {"tag": "1.0.0"},
    {"tag": "1.1.0"},
    {"tag": "1.2.0", "behaviour": "errors"},
    {"tag": "1.3.0", "behaviour": "unhealthy"},
    {"tag": "1.4.0", "architecture": "arm64"},
    {"tag": "1.5.0", "behaviour": "migration_fails"},
    {"tag": "1.6.0", "architecture": ["amd64", "arm64"]},
)
# What may be seeded; everything, if nobody says otherwise.
APPLICATIONS = ("storefront", "legacy-api", "payments", "catalog", "reports")
# Of Express Mode; seeded only when somebody asks for it by name.
LANDING = "landing"
# Behind a gateway, with the header of its test traffic; seeded only when somebody asks for it by name.
BOOKING = "booking"
BOOKING_HEADER = ("X-Try", "booking")
# Listener ports and running tasks of each environment.
ENVIRONMENTS = {"production": (8080, 8081, 2), "staging": (8082, 8083, 1)}
LEGACY_PORT = 8084
# A service that ECS itself deploys to by canary: production and test listener.
PAYMENTS = "payments"
PAYMENTS_PORTS = (8085, 8086)
# What CodeDeploy deploys: a service, production and test listener, and a fleet of instances.
CATALOG, REPORTS = "catalog", "reports"
CATALOG_PORTS, REPORTS_PORT = (8087, 8088), 8089
REPORTS_BUCKET = "reports-releases"
# Where Tealgate gets events: a queue and the rule that fills it.
EVENTS = "tealgate-events"
CODEDEPLOY_ROLE = "storefront-codedeploy"
LISTENER_PORTS = (
    *(port for ports in ENVIRONMENTS.values() for port in ports[:2]),
    LEGACY_PORT,
    *PAYMENTS_PORTS,
    *CATALOG_PORTS,
    REPORTS_PORT,
)

Client = Callable[[str], Any]
