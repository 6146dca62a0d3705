"""Learning what runs in an environment that Tealgate has not deployed to yet, or that somebody else deployed to."""

from datetime import datetime

from django.db import transaction

from deployments import swaps
from deployments.aws import bundles, errors
from deployments.aws.sessions import connect
from deployments.catalog import in_use, outside
from deployments.catalog.freezing import freeze
from deployments.catalog.models import Environment, Release
from deployments.catalog.releases import register_release, resolve
from deployments.delivery.models import Deployment
from deployments.people import rights
from deployments.people.principal import SYSTEM, Principal
from deployments.record.append import append_event
from deployments.refused import Refused
from deployments.swaps.base import Live


def adopt(*, environment: Environment, now: datetime, principal: Principal = SYSTEM, register_as: str = "") -> Release:
    """Note the release whose images or bundle is live, so that the next deployment knows its source.

    `register_as`: the version under which images that no release has are registered first; "" = not at all. Only
    reads from AWS. Raises Refused while a deployment is under way (it notes by itself what is live when it ends),
    when it is retired, when not exactly one slot is live, when nothing runs, or when no release has it.
    """
    in_use.require(environment)
    if Deployment.objects.unfinished().filter(environment=environment).exists():
        raise Refused(f"A deployment to {environment} is under way; what runs there is known when it has ended.")
    settings = freeze(environment)
    try:
        live = swaps.get(environment.controller).live(settings, connect(environment.binding))
    except errors.AwsError as error:
        raise Refused(f"What runs there could not be read: {error.sentence}") from error
    except ValueError as error:
        raise Refused(str(error)) from error
    if live.coming is not None and not live.settled:
        raise Refused(f"{live.coming.by} is under way; what runs there is known when it has ended.")
    if live.scaled_to_0:
        raise Refused(
            f"Nothing runs in {environment}: its service has a desired count of 0. Set it to what is needed, then look "
            "again."
        )
    release = _release_of(environment, live, register_as, principal, now)
    slot = live.slot or ""
    columns = {"live_release": release, "live_slot": slot, "live_since": now, "outside": None, "compared_at": now}
    with transaction.atomic():
        in_use.hold(environment)
        Environment.objects.filter(pk=environment.pk).update(**columns)
        append_event(
            environment,
            "environment.adopted",
            f"{release.version} was found live ({slot} slot)" if slot else f"{release.version} was found running",
            now=now,
            principal=principal,
            data={"bundle": dict(live.bundle)} if live.bundle else {"image": live.images[environment.container_name]},
        )
    environment.refresh_from_db()
    return release


def _release_of(environment: Environment, live: Live, register_as: str, principal: Principal, now: datetime) -> Release:
    if live.bundle is not None:
        return _release_with(environment, live)
    image = live.images.get(environment.container_name)
    if image is None:
        raise Refused(f"What runs there has no container {environment.container_name}.")
    release = outside.release_of(environment, live)
    if release is None and register_as:
        return _registered(environment, live, register_as, principal, now)
    return release or _by_its_main_image(environment, live, image)


def _by_its_main_image(environment: Environment, live: Live, image: str) -> Release:
    """Where not every container of a release can be compared, such as a sidecar that it names and nobody runs."""
    digest = live.digests.get(environment.container_name) or resolve(environment.application, image).digest
    release = environment.application.releases.filter(
        images__container=environment.container_name, images__digest=digest
    ).first()
    if release is None:
        raise Refused(
            f"No release of {environment.application} has the image {image} ({digest}) that runs there. Register it, "
            "then adopt again."
        )
    return release


def _registered(environment: Environment, live: Live, version: str, principal: Principal, now: datetime) -> Release:
    """Of the images that its tasks run, whatever their tags stand for by now."""
    if refusal := rights.register_refusal(principal):
        raise Refused(refusal)
    images = outside.pinned(live)
    if images is None:
        raise Refused("The digests of what runs there are not known: no task of it runs.")
    return register_release(
        application=environment.application, version=version, principal=principal, now=now, images=images,
        notes=f"Found running in {environment}.",
    )  # fmt: skip


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
