"""Whether AWS's events would tell of all that the watch looks at, so that it need not be asked meanwhile."""

from collections.abc import Mapping

from deployments.aws.values import Alarm
from deployments.evidence.providers import PROVIDERS
from deployments.evidence.watched import Watched


def untold(watched: Watched, alarms: Mapping[str, Alarm]) -> str:
    """The first thing watched of which no event would come, such as "TargetResponseTime"; "" when all are covered.

    A number is covered where one of the environment's alarms measures it for the release's targets, or for all.
    """
    measured = _measured(watched, alarms)
    for provider in PROVIDERS:
        if provider.told_by_events:
            continue
        if not provider.metrics:
            return provider.name
        for metric in provider.metrics:
            if metric.most(watched.settings) is not None and metric.cloudwatch not in measured:
                return metric.cloudwatch or metric.title
    return ""


def _measured(watched: Watched, alarms: Mapping[str, Alarm]) -> set[str]:
    balancer = watched.load_balancer.partition(":loadbalancer/")[2]
    group = watched.target_groups.get(watched.release, "").rpartition(":")[2]
    places = ({"LoadBalancer": balancer}, {"LoadBalancer": balancer, "TargetGroup": group})
    return {
        metric.name
        for name in watched.settings.alarms
        if name in alarms
        for metric in alarms[name].metrics
        if metric.dimensions in places
    }
