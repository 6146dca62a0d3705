"""Somebody from outside who deploys beside Tealgate: a pipeline, a hotfix, a scheduled scaling, a tag that is moved.

What he begins he brings to an end, as its owner would: he answers pauses of his own deployments and scales up again.
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
from bench.soaking.places import GOOD, Place
from deployments.aws.sessions import connect
from deployments.catalog.freezing import freeze
from deployments.catalog.models import ReleaseImage
from deployments.swaps.code_deploy import appspec
from deployments.vocabulary import Controller

#: The chance that he does something at one turn, of which there are two or three a second.
LIKELY = 0.05
#: So long he leaves a service without tasks, or with more of them.
SCALED_SECONDS = 8.0
TAG = "neighbour"
#: Of a task definition, what another revision of it is made of.
KEPT = (
    "family", "networkMode", "requiresCompatibilities", "cpu", "memory", "executionRoleArn", "taskRoleArn",
    "containerDefinitions", "runtimePlatform",
)  # fmt: skip


class Neighbour:
    def __init__(self, shop: Shop, places: list[Place], choose: random.Random) -> None:
        self._shop, self._places, self._choose = shop, places, choose
        self._region = places[0].environment.region
        self._ecs, self._codedeploy = self._client("ecs"), self._client("codedeploy")
        self.count: Counter[str] = Counter()
        #: when to do what to bring things to an end
        self._later: list[tuple[float, Callable[[], bool]]] = []

    def perhaps(self) -> None:
        if self._choose.random() < LIKELY:
            place = self._choose.choice(self._places)
            ways: tuple[tuple[Callable[[Place], None], int], ...] = (
                (self._deploy, 4),
                (self._restart, 2),
                (self._scale, 1),
                (self._stop_task, 2),
                (self._move_tag, 2),
            )
            acts, weights = zip(*ways, strict=True)
            with suppress(
                ClientError, BotoCoreError
            ):  # AWS refuses what does not fit, such as two deployments in a group
                self._choose.choices(acts, weights)[0](place)

    def tend(self) -> None:
        due = [each for each in self._later if each[0] <= time.monotonic()]
        self._later = [each for each in self._later if each not in due]
        for _, act in due:
            again = True
            with suppress(ClientError, BotoCoreError):
                again = act()
            if again:
                self._later.append((time.monotonic() + 1, act))

    @property
    def rests(self) -> bool:
        return not self._later

    def _deploy(self, place: Place, image: str = "") -> None:
        """A revision of what is there with another image, on the live service or on the idle one."""
        service = self._choose.choice(place.services)
        live = self._live(place, service)
        document = self._ecs.describe_task_definition(taskDefinition=live)["taskDefinition"]
        kept = {name: document[name] for name in KEPT if name in document}
        kept["containerDefinitions"][0]["image"] = image or self._image(place)
        definition = self._ecs.register_task_definition(**kept)["taskDefinition"]["taskDefinitionArn"]
        if place.environment.controller == Controller.CODE_DEPLOY:
            self._by_codedeploy(place, service, definition)
        elif place.environment.controller == Controller.EXPRESS_MODE:
            self._by_express_mode(place, service, definition)
        else:
            self._update(place, service, taskDefinition=definition)
        self._did(place, "deployed")

    def _restart(self, place: Place) -> None:
        if place.environment.controller not in (Controller.CODE_DEPLOY, Controller.EXPRESS_MODE):
            self._update(place, self._choose.choice(place.services), forceNewDeployment=True)
            self._did(place, "restarted")

    def _scale(self, place: Place) -> None:
        service, cluster = self._choose.choice(place.services), place.environment.cluster
        (seen,) = self._ecs.describe_services(cluster=cluster, services=[service])["services"]
        before = seen["desiredCount"]
        if not before or place.environment.controller == Controller.EXPRESS_MODE:
            return  # an idle slot: with tasks there it would only cost; or ECS has the count
        self._update(place, service, desiredCount=self._choose.choice((0, before + 1)))
        self._did(place, "scaled")

        def back() -> bool:
            self._update(place, service, desiredCount=before)
            place.disturbed()
            return False

        self._later.append((time.monotonic() + SCALED_SECONDS, back))

    def _stop_task(self, place: Place) -> None:
        service, cluster = self._choose.choice(place.services), place.environment.cluster
        arns = self._ecs.list_tasks(cluster=cluster, serviceName=service)["taskArns"]
        if arns:
            self._ecs.stop_task(cluster=cluster, task=self._choose.choice(arns), reason="the neighbour")
            self._did(place, "stopped a task")

    def _move_tag(self, place: Place) -> None:
        """To another good version. A service whose task definition names it gets that whenever a task is started."""
        repository = place.repository.rpartition("/")[2]
        version = self._choose.choice(GOOD)
        for tag in (f"kept-{version}", TAG):  # what no tag names is not kept by the sandbox's registry
            self._shop.stack.sandbox("images", {"repository": repository, "tag": tag, "version": version})
        self._did(place, "moved a tag")
        if self._choose.random() < 0.5:
            self._deploy(place, f"{place.repository}:{TAG}")
        else:
            self._restart(place)

    def _image(self, place: Place) -> str:
        images = ReleaseImage.objects.filter(
            release__application=place.environment.application, release__version__in=GOOD
        )
        return self._choose.choice(sorted(image.pinned for image in images))

    def _live(self, place: Place, service: str) -> str:
        (seen,) = self._ecs.describe_services(cluster=place.environment.cluster, services=[service])["services"]
        sets = [each for each in seen.get("taskSets", ()) if each["status"] == "PRIMARY"]
        return str((sets[0] if sets else seen)["taskDefinition"])

    def _update(self, place: Place, service: str, **change: Any) -> None:
        cluster = place.environment.cluster
        made = self._ecs.update_service(cluster=cluster, service=service, **change)["service"]
        arn = made.get("currentServiceDeployment")
        if arn and place.environment.controller == Controller.ECS and "desiredCount" not in change:
            self._later.append((time.monotonic() + 1, lambda: self._answered(place, arn)))

    def _by_express_mode(self, place: Place, service: str, definition: str) -> None:
        where = {"cluster": place.environment.cluster, "services": [service]}
        (seen,) = self._ecs.describe_services(**where)["services"]
        self._ecs.update_express_gateway_service(serviceArn=seen["serviceArn"], taskDefinitionArn=definition)
        arn = self._ecs.describe_services(**where)["services"][0]["currentServiceDeployment"]
        self._later.append((time.monotonic() + 1, lambda: self._answered(place, arn)))

    def _answered(self, place: Place, arn: str) -> bool:
        """Whether his deployment goes on and has to be looked at again: pauses wait for somebody to answer."""
        found = self._ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"]
        if not found or found[0]["status"] not in ("PENDING", "IN_PROGRESS"):
            return False
        place.disturbed()
        for hook in found[0].get("lifecycleHookDetails", ()):
            if hook["status"] == "AWAITING_ACTION":
                self._ecs.continue_service_deployment(
                    serviceDeploymentArn=arn, hookId=hook["hookId"], action="CONTINUE"
                )
        return True

    def _by_codedeploy(self, place: Place, service: str, definition: str) -> None:
        environment = place.environment
        seen = connect(environment.binding).services(environment.cluster, [service])[service]
        number = self._codedeploy.create_deployment(
            applicationName=environment.codedeploy_application,
            deploymentGroupName=environment.codedeploy_group,
            revision=appspec.revision(freeze(environment), seen, definition),
        )["deploymentId"]
        self._later.append((time.monotonic() + 1, lambda: self._continued(place, number)))

    def _continued(self, place: Place, number: str) -> bool:
        info = self._codedeploy.get_deployment(deploymentId=number)["deploymentInfo"]
        if info["status"] in ("Succeeded", "Failed", "Stopped"):
            return False
        place.disturbed()
        wait = "READY_WAIT" if info["status"] == "Ready" else ""
        if info.get("instanceTerminationWaitTimeStarted"):
            wait = "TERMINATION_WAIT"
        if wait:
            self._codedeploy.continue_deployment(deploymentId=number, deploymentWaitType=wait)
        return True

    def _did(self, place: Place, what: str) -> None:
        place.disturbed()
        self.count[f"the neighbour {what}"] += 1

    def _client(self, service: str) -> Any:
        return boto3.client(service, endpoint_url=self._shop.stack.sandbox_url, region_name=self._region)
