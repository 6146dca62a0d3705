"""Production gets sick, or is emptied, while nobody deploys: what repairs and first releases are there for.

Illnesses end as in life: tasks when a release that works is deployed, an alarm some time after that.
"""

import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from bench.shop import Shop
from bench.soaking.neighbour import KEPT
from bench.soaking.places import Place
from deployments.aws.errors import AwsError
from deployments.aws.sessions import connect
from deployments.catalog.freezing import freeze
from deployments.catalog.models import ReleaseImage
from deployments.swaps.steps import live_service
from deployments.vocabulary import Controller

#: The chance that production of somewhere gets sick at one turn, of which there are two or three a second.
LIKELY = 0.1
#: Answers no health check well.
BAD = "1.3.0"
#: So long an alarm rings on after the release that was to mend it.
RINGS_ON_SECONDS = 5.0
#: So many tasks a first release gets.
TASKS = 1


class Sickness:
    def __init__(self, shop: Shop, places: list[Place], choose: random.Random) -> None:
        self._shop, self._choose = shop, choose
        #: Express Mode keeps its own count of tasks and its own alarm
        self._places = [each for each in places if each.environment.controller != Controller.EXPRESS_MODE]
        self._region = places[0].environment.region
        self._ecs, self._cloudwatch = self._client("ecs"), self._client("cloudwatch")
        self.count: Counter[str] = Counter()
        #: since when each of our alarms rings
        self._ringing: dict[Place, float] = {}
        for place in self._places:
            self._prepare(place)

    def perhaps(self) -> None:
        well = [each for each in self._places if each.rests and not each.is_sick and each not in self._ringing]
        if not well or self._choose.random() >= LIKELY:
            return
        place = self._choose.choice(well)
        ways: tuple[Callable[[Place], None], ...] = (self._ring, self._empty)
        if place.environment.controller == Controller.ROLLING:  # elsewhere AWS would have a way back of its own
            ways += (self._bad_image,) * 3
        with suppress(ClientError, BotoCoreError, AwsError):  # AWS fails now and then
            self._choose.choice(ways)(place)

    def tend(self) -> None:
        """Those alarms get quiet that a release was to mend, a while after it was there."""
        for place, since in list(self._ringing.items()):
            if since < place.mended_at < time.monotonic() - RINGS_ON_SECONDS:
                with suppress(ClientError, BotoCoreError):
                    self._set(place, "OK")
                    del self._ringing[place]

    @property
    def rests(self) -> bool:
        """An alarm that nobody deploys for may ring on."""
        return not any(place.is_sick for place in self._places)

    def _prepare(self, place: Place) -> None:
        """An alarm of its own that stays as it is told, and tasks for a first release."""
        self._cloudwatch.put_metric_alarm(
            AlarmName=_alarm(place), Namespace="Tealgate/Soak", MetricName=_alarm(place), Statistic="Sum", Period=60,
            EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold", TreatMissingData="ignore",
        )  # fmt: skip
        self._set(place, "OK")
        alarms = "\n".join([*place.environment.alarm_names, _alarm(place)])
        self._shop.change(place.environment, alarms=alarms, first_desired=TASKS)

    def _ring(self, place: Place) -> None:
        self._set(place, "ALARM")
        self._ringing[place] = time.monotonic()
        self.count["an alarm rang"] += 1

    def _empty(self, place: Place) -> None:
        place.fell_ill()
        self._update(place, desiredCount=0)
        self.count["production was scaled to 0"] += 1

    def _bad_image(self, place: Place) -> None:
        """By somebody's own rolling update, after which the tasks of before die."""
        where = {"cluster": place.environment.cluster, "service": self._service(place)}
        before = self._ecs.list_tasks(cluster=where["cluster"], serviceName=where["service"])["taskArns"]
        place.fell_ill()
        self._update(place, taskDefinition=self._revision(place, where))
        for task in before:
            self._ecs.stop_task(cluster=where["cluster"], task=task, reason="the soak")
        self.count["a bad image was put on it"] += 1

    def _revision(self, place: Place, where: dict[str, str]) -> str:
        image = ReleaseImage.objects.get(release__application=place.environment.application, release__version=BAD)
        (live,) = self._ecs.describe_services(cluster=where["cluster"], services=[where["service"]])["services"]
        shown = self._ecs.describe_task_definition(taskDefinition=live["taskDefinition"])["taskDefinition"]
        kept = {name: shown[name] for name in KEPT if name in shown}
        kept["containerDefinitions"][0]["image"] = image.pinned
        return str(self._ecs.register_task_definition(**kept)["taskDefinition"]["taskDefinitionArn"])

    def _update(self, place: Place, **change: Any) -> None:
        self._ecs.update_service(cluster=place.environment.cluster, service=self._service(place), **change)

    def _service(self, place: Place) -> str:
        """The one that serves."""
        if place.environment.service:
            return place.environment.service
        settings = freeze(place.environment)
        slot = live_service.slot_of_rule(settings, connect(settings.binding))
        return settings.service(slot) if slot else settings.blue_service

    def _set(self, place: Place, state: str) -> None:
        self._cloudwatch.set_alarm_state(AlarmName=_alarm(place), StateValue=state, StateReason="the soak")

    def _client(self, service: str) -> Any:
        return boto3.client(service, endpoint_url=self._shop.stack.sandbox_url, region_name=self._region)


def _alarm(place: Place) -> str:
    return f"soak-{place.name.replace('/', '-')}"
