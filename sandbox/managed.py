"""What ECS makes for a service of Express Mode: its way in, the alarm that rolls it back, its scaling.

All of it is in moto's records as if its owner had made it, so every other service shows it.
"""

from typing import Any

from moto.applicationautoscaling.models import applicationautoscaling_backends
from moto.cloudwatch.models import Dimension, Metric, MetricDataQuery, MetricStat, cloudwatch_backends

from sandbox.account import ACCOUNT
from sandbox.elb.ingress import Ingress
from sandbox.elb.metrics import NAMESPACE
from sandbox.seams import Json

DIMENSION = "ecs:service:DesiredCount"
COUNTS = {"e4x": "HTTPCode_Target_4XX_Count", "e5x": "HTTPCode_Target_5XX_Count", "r": "RequestCount"}
#: More than 1 % of all answers are 4xx or 5xx, in 2 of 3 minutes.
PERCENT, DATAPOINTS, PERIODS = 1.0, 2, 3


class Managed(Ingress):
    """In one region."""

    def put_alarm(self, name: str, ingress: Json) -> str:
        made = self._cloudwatch.put_metric_alarm(
            name=name,
            namespace="",
            metric_name="",
            metric_data_queries=_queries(ingress),
            comparison_operator="GreaterThanThreshold",
            evaluation_periods=PERIODS,
            datapoints_to_alarm=DATAPOINTS,
            period=60,
            threshold=PERCENT,
            statistic="",
            description="Managed by Amazon ECS: answers 4xx and 5xx, in percent",
            dimensions=[],
            alarm_actions=[],
            treat_missing_data="notBreaching",
        )
        return str(made.alarm_arn)

    def scale(self, resource: str, least: int, most: int) -> str:
        backend = applicationautoscaling_backends[ACCOUNT][self._region]
        made = backend.register_scalable_target("ecs", resource, DIMENSION, least, most, "", None)
        return str(made.arn)

    def drop(self, ingress: Json, alarm: str, resource: str) -> None:
        self._cloudwatch.delete_alarms([alarm])
        applicationautoscaling_backends[ACCOUNT][self._region].deregister_scalable_target("ecs", resource, DIMENSION)
        self.drop_ingress(ingress)

    @property
    def _cloudwatch(self) -> Any:
        return cloudwatch_backends[ACCOUNT][self._region]


def _queries(ingress: Json) -> list[MetricDataQuery]:
    counted = {
        f"{kind}{place}": _stat(name, group, ingress["loadBalancer"])
        for place, group in enumerate(ingress["targetGroups"])
        for kind, name in COUNTS.items()
    }
    asked = [_query(each, stat=stat) for each, stat in counted.items()]
    errors = " + ".join(f"FILL({each}, 0)" for each in counted if each.startswith("e"))
    requests = " + ".join(f"FILL({each}, 0)" for each in counted if each.startswith("r"))
    share = f"100 * ({errors}) / ({requests})"
    return [*asked, _query("share", expression=share)]


def _query(name: str, stat: MetricStat | None = None, expression: str | None = None) -> MetricDataQuery:
    """moto takes for text what AWS's own clients send as numbers and truths, and shows it as it got it."""
    period: Any = None if stat else 60
    returned: Any = stat is None
    return MetricDataQuery(name, name, period, returned, expression, stat)


def _stat(name: str, group: str, balancer: str) -> MetricStat:
    dimensions = [
        Dimension("TargetGroup", group.rpartition(":")[2]),
        Dimension("LoadBalancer", balancer.partition("loadbalancer/")[2]),
    ]
    period: Any = 60
    unit: Any = None
    return MetricStat(Metric(name, NAMESPACE, dimensions), period, "Sum", unit)
