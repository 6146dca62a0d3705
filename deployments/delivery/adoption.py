"""Learning what already runs in an environment that Tealgate has not deployed to yet."""

from datetime import datetime

from django.db import transaction

from deployments import swaps
from deployments.aws import bundles, errors
from deployments.aws.sessions import connect
from deployments.catalog.freezing import freeze
from deployments.catalog.models import Environment, Release
from deployments.catalog.releases import resolve
from deployments.delivery.models import Deployment
from deployments.people.principal import SYSTEM, Principal
from deployments.record.append import append_event
from deployments.refused import Refused
from deployments.swaps.base import Live


def adopt(*, environment: Environment, now: datetime, principal: Principal = SYSTEM) -> Release:
    """Note the release whose image or bundle is live, so that the first deployment knows its source.

    Only reads from AWS. Raises Refused while a deployment is under way (it notes by itself what is live when it
    ends), when not exactly one slot is live, or when no release has it.
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
    release = _release_of(environment, live)
    slot = live.slot or ""
    with transaction.atomic():
        Environment.objects.filter(pk=environment.pk).update(live_release=release, live_slot=slot, live_since=now)
        append_event(
            environment,
            "environment.adopted",
            f"{release.version} was found running" + (f" in the {slot} slot" if slot else ""),
            now=now,
            principal=principal,
            data={"bundle": dict(live.bundle)} if live.bundle else {"image": live.images[environment.container_name]},
        )
    environment.refresh_from_db()
    return release


def _release_of(environment: Environment, live: Live) -> Release:
    if live.bundle is not None:
        return _release_with(environment, live)
    image = live.images.get(environment.container_name)
    if image is None:
        raise Refused(f"What runs there has no container {environment.container_name}.")
    digest = resolve(environment.application, image).digest
    release = environment.application.releases.filter(
        images__container=environment.container_name, images__digest=digest
    ).first()
    if release is None:
        raise Refused(f"No release of {environment.application} has the image {image} ({digest}) that runs there.")
    return release


def _release_with(environment: Environment, live: Live) -> Release:
    """Of several with the same bundle the newest."""
    releases = environment.application.releases.filter(bundle__isnull=False).order_by("-pk")
    release = next((each for each in releases if bundles.are_same(each.bundle, live.bundle)), None)
    if release is None:
        place = bundles.place(live.bundle)
        raise Refused(
            f"No release of {environment.application} has the bundle {place}, which {live.by} brought to the servers. "
            "Register it, then adopt again."
        )
    return release
