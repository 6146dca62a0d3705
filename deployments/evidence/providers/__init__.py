"""Who can say something about a release that has traffic. Another metric is another line here."""

from typing import Any

from deployments.evidence.providers.base import Provider
from deployments.evidence.providers.cloudwatch_alarms import ALARMS
from deployments.evidence.providers.cloudwatch_traffic import TRAFFIC
from deployments.evidence.providers.stopped_tasks import STOPPED_TASKS
from deployments.evidence.providers.target_health import TARGET_HEALTH

#: In the order in which they are asked, and in which their problems are told.
PROVIDERS: list[Provider[Any]] = [ALARMS, STOPPED_TASKS, TARGET_HEALTH, TRAFFIC]
