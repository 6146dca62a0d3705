"""CloudWatch's alarms that an environment names: somebody decided that these mean trouble."""

from collections.abc import Collection, Mapping
from datetime import datetime

from deployments.aws.protocol import Gateway
from deployments.aws.values import Alarm
from deployments.evidence.values import AlarmState, Metric
from deployments.evidence.watched import Watched


def read(names: Collection[str], gateway: Gateway) -> Mapping[str, Alarm]:
    """By name; those that do not exist are absent. Where none is named nothing is asked."""
    return gateway.alarms(names) if names else {}


class CloudWatchAlarms:
    name = "alarms"
    metrics: tuple[Metric, ...] = ()
    told_by_events = True

    def measure(self, watched: Watched, gateway: Gateway, now: datetime) -> Mapping[str, Alarm] | None:
        return read(watched.settings.alarms, gateway)

    def values(self, watched: Watched, answer: Mapping[str, Alarm] | None) -> tuple[AlarmState, ...]:
        """An alarm that was not read is as good as none: nothing watches over the traffic."""
        found = answer or {}
        return tuple(_state(name, found.get(name)) for name in watched.settings.alarms)


def _state(name: str, alarm: Alarm | None) -> AlarmState:
    if alarm is None:
        return AlarmState(name=name, state="missing")
    return AlarmState(name=name, state=alarm.state, reason=alarm.reason, changed_at=alarm.changed_at)


ALARMS = CloudWatchAlarms()
