"""Learning what already runs in an environment that Tealgate has not deployed to yet."""

from datetime import datetime

from django.db import transaction

from deployments import swaps
from deployments.aws import errors
from deployments.aws.sessions import connect
from deployments.catalog.freezing import freeze
from deployments.catalog.models import Environment, Release
from deployments.catalog.releases import resolve
from deployments.delivery.models import Deployment
from deployments.people.principal import SYSTEM, Principal
from deployments.record.append import append_event
from deployments.refused import Refused


def adopt(*, environment: Environment, now: datetime, principal: Principal = SYSTEM) -> Release:
    """Note the release whose image the live slot runs, so that the first deployment knows its source.

    Only reads from AWS. Raises Refused while a deployment is under way (it notes by itself what is live when it
    ends), when not exactly one slot is live, or when no release has its image.
    """
    if Deployment.objects.unfinished().filter(environment=environment).exists():
        raise Refused(f"A deployment to {environment} is under way; what runs there is known when it has ended.")
    settings = freeze(environment)
    try:
        live = swaps.get(environment.controller).live(settings, connect(environment.binding))
    except errors.AwsError as error:
        raise Refused(f"What runs there could not be read: {error.sentence}") from error
    except ValueError as error:
        raise Refused(str(error)) from error
    image = live.images.get(environment.container_name)
    if image is None:
        raise Refused(f"What runs there has no container {environment.container_name}.")
    slot = live.slot or ""
    release = _release_of(environment, image)
    with transaction.atomic():
        Environment.objects.filter(pk=environment.pk).update(live_release=release, live_slot=slot, live_since=now)
        append_event(
            environment,
            "environment.adopted",
            f"{release.version} was found running" + (f" in the {slot} slot" if slot else ""),
            now=now,
            principal=principal,
            data={"image": image},
        )
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
