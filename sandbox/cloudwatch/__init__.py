"""CloudWatch over what the load balancers measure: GetMetricData with metric math and percentiles, and live
alarms.

    series       samples, periods, statistics      evaluation   a metric alarm's state, pure
    expressions  metric math                       composite    a composite alarm's rule
    queries      MetricDataQueries                 alarms       the thread that evaluates
    api          moto's CloudWatch, corrected      eventbridge  events about alarms

Metrics of other namespaces are what was put into moto, in the same scaled minutes.
"""

from sandbox.clock import Clock
from sandbox.cloudwatch.alarms import Alarms, alarm_states
from sandbox.cloudwatch.api import patch_cloudwatch
from sandbox.cloudwatch.series import Sources
from sandbox.elb import LoadBalancers
from sandbox.patching import Patches
from sandbox.seams import PutEvent, put_nowhere

__all__ = ["Alarms", "alarm_states", "install"]


def install(clock: Clock, load_balancers: LoadBalancers, put_event: PutEvent = put_nowhere) -> Alarms:
    """Extend moto's CloudWatch in this process until ``close`` is called on the result."""
    if load_balancers.metrics.bucket_seconds != clock.seconds(60):
        raise ValueError("The load balancers and the alarms must go by the same clock.")
    sources = Sources(load_balancers.metrics)
    patches = Patches()
    patch_cloudwatch(patches, sources, put_event)
    return Alarms(sources, put_event, on_close=patches.undo)
