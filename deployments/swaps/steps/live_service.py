"""What a service runs now, read for the pages: before there is a deployment, and outside of one."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from deployments.aws.protocol import Gateway
from deployments.aws.values import Service
from deployments.definitions.base import NoBase, base_of
from deployments.definitions.difference import Lines, difference
from deployments.definitions.making import MissingContainer, with_release
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.swaps.base import Live
from deployments.swaps.steps.as_planned import digests_of
from deployments.vocabulary import Slot


def live(settings: EnvironmentSettings, gateway: Gateway, name: str, slot: Slot | None = None) -> Live:
    """The images of service `name`, which is live on `slot`. Raises ValueError when there is nothing to read."""
    service = _service(settings, gateway, name)
    if service is None:
        raise ValueError(f"Service {name} does not exist in cluster {settings.cluster}.")
    serving = _serving(settings, gateway, service, slot)
    if not serving.task_definition:
        raise ValueError(f"Service {name} in cluster {settings.cluster} has no primary task set.")
    images = _images(gateway, serving.task_definition)
    return Live(
        slot=slot,
        images=images,
        by=serving.by,
        since=serving.since,
        digests=_digests(settings, gateway, replace(service, task_definition=serving.task_definition), images),
        settled=serving.settled,
        coming=_coming(gateway, service, serving, images),
        scaled_to_0=not service.desired,
    )


@dataclass(frozen=True, kw_only=True)
class _Serving:
    task_definition: str
    by: str = ""
    since: datetime | None = None
    settled: bool = True


def _serving(settings: EnvironmentSettings, gateway: Gateway, service: Service, slot: Slot | None) -> _Serving:
    """What production's traffic reaches. Where AWS shifts, the service itself names what is on its way."""
    group = settings.target_group(slot) if slot else ""
    for each in service.task_sets:
        if group and each.target_group == group:
            return _Serving(task_definition=each.task_definition, since=each.created_at)
    if len(service.deployments) <= 1:
        return _of_deployment(service, service.task_definition, settled=True)
    shifted_by_ecs = group and service.alternate_target_group
    revisions = gateway.service_revisions(service.revisions) if shifted_by_ecs and service.revisions else {}
    behind = {each.task_definition for each in revisions.values() if each.target_group == group}
    if len(behind) == 1:
        return _of_deployment(service, behind.pop(), settled=True)
    return _of_deployment(service, service.task_definition, settled=False)


def _of_deployment(service: Service, task_definition: str, *, settled: bool) -> _Serving:
    found = next((each for each in service.deployments if each.task_definition == task_definition), None)
    by = f"ECS's deployment {found.id}" if found else ""
    since = found.created_at if found else None
    return _Serving(task_definition=task_definition, by=by, since=since, settled=settled)


def _coming(gateway: Gateway, service: Service, serving: _Serving, images: Mapping[str, str]) -> Live | None:
    """What ECS puts on the service now: its task definition, where tasks of another one are there still."""
    newest, settled = service.task_definition, serving.settled
    others = {each.task_definition for each in service.deployments} - {newest}
    if not others or (settled and serving.task_definition == newest):
        return None
    brought = _of_deployment(service, newest, settled=False)
    found = _images(gateway, newest) if settled else images
    return Live(slot=None, images=found, digests=pinned(found), by=brought.by, since=brought.since, settled=False)


def pinned(images: Mapping[str, str]) -> dict[str, str]:
    """Container to digest, of those that are named by one."""
    return {container: image.rpartition("@")[2] for container, image in images.items() if "@" in image}


def _images(gateway: Gateway, task_definition: str) -> dict[str, str]:
    containers = gateway.task_definition(task_definition).document["containerDefinitions"]
    return {container["name"]: container["image"] for container in containers}


def _digests(
    settings: EnvironmentSettings, gateway: Gateway, service: Service, images: Mapping[str, str]
) -> Mapping[str, str]:
    """As the task definition names them; what it names by a tag only the running tasks can tell."""
    by_digest = pinned(images)
    if len(by_digest) == len(images):
        return by_digest
    seen = digests_of(gateway.running_tasks(settings.cluster, service.name), service.task_definition)
    return {**seen, **by_digest}


def changes(settings: EnvironmentSettings, artefact: Artefact, gateway: Gateway, name: str) -> Lines | None:
    """What the release changes in the task definition of service `name`; None when it does not fit or there is none.

    Preflight says why in both cases.
    """
    service = _service(settings, gateway, name)
    if service is None or not service.task_definition:
        return None
    running = gateway.task_definition(service.task_definition)
    try:
        base = base_of(settings, artefact, running, gateway)
        return difference(running.document, with_release(base, artefact, settings.stop_timeout))
    except (MissingContainer, NoBase):
        return None


def slot_of_rule(settings: EnvironmentSettings, gateway: Gateway) -> Slot | None:
    """The slot that has all traffic of the production rule; None when several share it or a stranger has it."""
    rule = gateway.rule(settings.production_rule)
    return settings.slot_of(rule.live[0]) if len(rule.live) == 1 else None


def slot_with_all_traffic(settings: EnvironmentSettings, gateway: Gateway) -> Slot:
    """Raises ValueError when there is none."""
    slot = slot_of_rule(settings, gateway)
    if slot is None:
        raise ValueError(f"The production rule of {settings.label} does not send all traffic to one target group.")
    return slot


def _service(settings: EnvironmentSettings, gateway: Gateway, name: str) -> Service | None:
    return gateway.services(settings.cluster, (name,)).get(name)
