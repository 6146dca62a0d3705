"""What a provider makes of its answer: values that can be judged, said and kept without knowing where they are from."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum

from deployments.aws.values import Target
from deployments.frozen import EnvironmentSettings


class Unit(StrEnum):
    COUNT = ""
    PERCENT = "%"
    MILLISECONDS = "ms"


class Place(Enum):
    """Where a gate keeps a metric."""

    #: with the requests of its side, under the metric's key; the chart draws these
    TRAFFIC = "traffic"
    #: in the list of other figures, with its title and unit
    FIGURES = "figures"
    #: it follows from others that are kept
    NOWHERE = ""


def _no_limit(settings: EnvironmentSettings) -> float | None:
    return None


@dataclass(frozen=True, kw_only=True)
class Metric:
    """What is measured of a side, and how much of it is too much."""

    key: str
    #: for people, such as "CPU utilization"
    title: str
    unit: Unit
    #: how much an environment allows; None: any amount
    most: Callable[[EnvironmentSettings], float | None] = _no_limit
    #: a share or an average of requests, of which there can be too few to say anything
    of_requests: bool = False
    #: whether it says why targets are gone
    explains_targets: bool = False
    #: CloudWatch's name of it, by which one of the environment's alarms can tell us; "": no alarm can
    cloudwatch: str = ""
    place: Place = Place.FIGURES


#: How many requests there have to be is for the environment to say, so whoever judges a share knows this metric.
REQUESTS = Metric(key="requests", title="Requests", unit=Unit.COUNT, place=Place.TRAFFIC)


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """One metric of one side. The words follow the side's name, and have a usual form for a metric that sets none."""

    metric: Metric
    side: str
    #: None: there is no datapoint
    value: float | None
    #: when it is too much, such as "took 401 ms on average"
    too_much: str = ""
    #: in a summary, such as "401 ms on average"; "" = is not said
    seen: str | None = None
    #: what has to be known of it even where it is allowed, such as "had 1 task that stopped by itself"; "" = nothing
    noted: str = ""
    #: what others did meanwhile, such as "; old 1.0.0 answered 0.1 % with 5xx"
    beside: str = ""


@dataclass(frozen=True, kw_only=True)
class AlarmState:
    name: str
    #: AWS's word; "missing" when there is no such alarm
    state: str
    reason: str = ""
    #: when it got into that state; None: AWS does not say
    changed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class TargetHealth:
    side: str
    targets: tuple[Target, ...]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What is no number: half a sentence after the side's name, that speaks against it or has to be known of it."""

    side: str
    against: str = ""
    noted: str = ""


Value = Quantity | AlarmState | TargetHealth | Finding
