"""How many tasks ECS keeps and may run while it replaces them, by the service's percentages or the environment's."""

import math
from collections.abc import Iterator
from dataclasses import replace

from deployments.aws.values import Service
from deployments.frozen import EnvironmentSettings
from deployments.preflight.report import Result, error, ok, warning


def during(settings: EnvironmentSettings, found: Service) -> Service:
    """The service with the percentages that it is deployed to with."""
    least, most = settings.minimum_healthy_percent, settings.maximum_percent
    return replace(
        found,
        minimum_healthy_percent=found.minimum_healthy_percent if least is None else least,
        maximum_percent=found.maximum_percent if most is None else most,
    )


def least(service: Service) -> int:
    return math.ceil(service.desired * service.minimum_healthy_percent / 100)


def most(service: Service) -> int:
    return math.floor(service.desired * service.maximum_percent / 100)


def replaces(service: Service) -> bool:
    """Whether ECS may start a task or stop one; where none is to run, it need not."""
    return not service.desired or most(service) > service.desired or least(service) < service.desired


def check(settings: EnvironmentSettings, found: Service) -> Iterator[Result]:
    """service-percent: what AWS takes of it, and what it comes to in tasks"""
    service = during(settings, found)
    yield from _refused_by_aws(service, found)
    limits = _limits(service, found)
    if not replaces(service):
        yield error(
            "service-percent",
            f"{limits} let ECS neither start a task nor stop one of {found.desired}: a deployment would never end.",
            "Raise maximumPercent (usually 200), or lower minimumHealthyPercent.",
        )
    elif found.desired and not least(service):
        yield warning(
            "service-percent",
            f"{limits} let ECS stop all {found.desired} before a new one runs: nobody is answered meanwhile.",
            "Raise minimumHealthyPercent, unless there is room for one task only.",
        )
    elif found.desired:
        yield ok("service-percent", f"{limits} let {least(service)} to {most(service)} tasks run during a deployment.")


def _limits(service: Service, found: Service) -> str:
    now = f"minimumHealthyPercent {service.minimum_healthy_percent} and maximumPercent {service.maximum_percent}"
    if service == found:
        return now
    return f"{now} of the environment ({found.name} has {found.minimum_healthy_percent} and {found.maximum_percent})"


def _refused_by_aws(service: Service, found: Service) -> Iterator[Result]:
    """Of what is about to be written; what the service has by itself AWS has taken already."""
    if service == found:
        return
    early = service.early_success_percent
    if early is not None and early < service.minimum_healthy_percent:
        yield error(
            "service-percent",
            f"AWS would refuse minimumHealthyPercent {service.minimum_healthy_percent}: {found.name} calls a "
            f"deployment successful at {early} % (earlySuccessCriteria), and that may not be less.",
            f"Lower it to {early} in the environment, or raise earlySuccessCriteria.healthyPercent of {found.name}.",
        )
    if service.scheduling == "DAEMON" and service.maximum_percent > 100:
        yield error(
            "service-percent",
            f"{found.name} is a daemon, one task on each instance: AWS would refuse maximumPercent "
            f"{service.maximum_percent}, and takes 100 at most.",
            "Set most tasks (%) of the environment to 100, and least healthy tasks (%) below it.",
        )
    if service.zone_rebalancing and service.maximum_percent <= 100:
        yield error(
            "service-percent",
            f"AWS would refuse maximumPercent {service.maximum_percent}: {found.name} rebalances its tasks over "
            "Availability Zones, which takes more than 100.",
            f"Set most tasks (%) of the environment above 100, or switch availabilityZoneRebalancing of {found.name} "
            "off.",
        )
