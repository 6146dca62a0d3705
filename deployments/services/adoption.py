"""Learning what already runs in an environment that Tealgate has not deployed to yet."""

from datetime import datetime

from django.db import transaction

from deployments.aws import errors
from deployments.aws.sessions import connect
from deployments.engine.events import SYSTEM, Actor, append_event
from deployments.models import Environment, Release
from deployments.services.errors import Refused
from deployments.services.releases import resolve
from deployments.vocabulary import Slot


def adopt(*, environment: Environment, now: datetime, actor: Actor = SYSTEM) -> Release:
    """Note the release whose image the live slot runs, so that the first deployment knows its source.

    Only reads from AWS. Raises Refused when not exactly one slot is live, or no release has its image.
    """
    gateway = connect(environment.binding)
    try:
        rule = gateway.rule(environment.production_rule)
        live = [slot for slot, group in environment.target_groups.items() if rule.weights.get(group, 0) > 0]
        if len(live) != 1:
            seen = ", ".join(f"{group.rsplit('/', 2)[-2]} {weight}" for group, weight in rule.weights.items())
            raise Refused(f"Exactly one slot has to be live, but the production rule's weights are: {seen}.")
        slot = Slot(live[0])
        name = environment.services[slot]
        service = gateway.services(environment.cluster, [name]).get(name)
        if service is None:
            raise Refused(f"Service {name} does not exist in cluster {environment.cluster}.")
        container = gateway.task_definition(service.task_definition).container(environment.container_name)
    except errors.AwsError as error:
        raise Refused(f"What runs there could not be read: {error.sentence}") from error
    if container is None:
        raise Refused(f"{service.task_definition} has no container {environment.container_name}.")
    release = _release_of(environment, str(container["image"]))
    with transaction.atomic():
        Environment.objects.filter(pk=environment.pk).update(live_release=release, live_slot=slot, live_since=now)
        append_event(
            environment, "environment.adopted", f"{release.version} was found running in the {slot} slot",
            now=now, actor=actor, data={"task_definition": service.task_definition, "image": container["image"]},
        )  # fmt: skip
    environment.refresh_from_db()
    return release


def _release_of(environment: Environment, image: str) -> Release:
    digest = resolve(environment.application, image).digest
    release = environment.application.releases.filter(
        images__container=environment.container_name, images__digest=digest
    ).first()
    if release is None:
        raise Refused(f"No release of {environment.application} has the image {image} ({digest}) that runs there.")
    return release
