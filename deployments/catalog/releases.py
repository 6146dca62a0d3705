"""Registering releases: tags are resolved to digests at once, and a release never changes afterwards."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from deployments.aws import errors as aws_errors
from deployments.aws.ecr_address import EcrAddress
from deployments.aws.sessions import connect
from deployments.aws.values import Binding, Image
from deployments.catalog import bundles, in_use
from deployments.catalog import released_definitions as definitions
from deployments.catalog.models import Application, Release, ReleaseImage
from deployments.catalog.models.release import LONGEST_NOTES
from deployments.catalog.models.retiring import IN_USE
from deployments.definitions.json_file import JsonFile
from deployments.outbound import registry
from deployments.outbound.images import Reference
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.record import constraints
from deployments.record.append import append_event
from deployments.refused import Refused
from deployments.texts import typed


def register_release(
    *,
    application: Application,
    version: str,
    principal: Principal,
    now: datetime,
    git_sha: str = "",
    notes: str = "",
    images: Mapping[str, str] | None = None,
    bundle: Mapping[str, str] | None = None,
    task_definition: JsonFile | None = None,
    said: Mapping[str, Any] | None = None,
) -> Release:
    """`images` maps container names to image references by tag or digest; servers get a `bundle` instead.

    A `task_definition` may come with it, whose own images are taken where `images` name none. What images say of
    themselves (`said`) is for the log only.

    Raises Refused with a sentence (and the field it belongs to): unknown tag, registry without access,
    time-out, a registry that the application does not name, a version that exists, a retired application.
    """
    if refusal := rights.register_refusal(principal, application):
        raise Refused(refusal)
    in_use.require(application)
    images = _typed(images or {})
    document = definitions.read(task_definition) if task_definition else None
    _fits(images, bundle, document)
    release = Release(
        application=application,
        version=version,
        git_sha=git_sha,
        notes=typed(notes, most=LONGEST_NOTES, what="The text of the notes", field="notes"),
        registered_by=str(principal),
    )
    _check(release)
    if bundle:
        release.bundle = bundles.checked(application, bundle)
        release.git_sha = git_sha or release.bundle.get("commitId", "")
    if task_definition and document:
        images = definitions.images(task_definition.name, document, images)
    resolved = _resolved(application, images)
    if task_definition and document:
        release.task_definition = definitions.kept(task_definition.name, document, _pinned(resolved))
    try:
        _record(release, images, resolved, principal=principal, now=now, said=said or {})
    except IntegrityError as error:
        if not constraints.violated(error, Release, "release_unique_in_application"):
            raise
        raise Refused(_exists_sentence(application, version), field="version") from error
    return release


def _typed(images: Mapping[str, str]) -> dict[str, str]:
    return {
        typed(container, most=255, what="The container's name", field="images"): typed(
            reference, most=512, what="The image's address", field="images"
        )
        for container, reference in images.items()
    }


def _fits(images: Mapping[str, str], bundle: Mapping[str, str] | None, document: Mapping[str, Any] | None) -> None:
    if images and bundle:
        raise Refused("A release has images or a bundle, not both: register two releases.", field="bundle")
    if document and bundle:
        raise Refused("Servers have no task definition: register the bundle alone.", field=definitions.FIELD)
    if not images and not bundle and not document:
        raise Refused("A release needs at least one image, or a bundle.", field="images")


def _check(release: Release) -> None:
    try:
        release.clean_fields()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(" ".join(messages), field=field) from error
    if release.application.releases.filter(version=release.version).exists():
        raise Refused(_exists_sentence(release.application, release.version), field="version")


def _resolved(application: Application, images: Mapping[str, str]) -> dict[str, Image]:
    """By container; an address that stands in several is asked for once."""
    known = {reference: resolve(application, reference) for reference in dict.fromkeys(images.values())}
    return {container: known[reference] for container, reference in images.items()}


def _pinned(resolved: Mapping[str, Image]) -> dict[str, str]:
    return {container: image.pinned for container, image in resolved.items()}


@transaction.atomic
def _record(
    release: Release,
    images: Mapping[str, str],
    resolved: Mapping[str, Image],
    *,
    principal: Principal,
    now: datetime,
    said: Mapping[str, Any],
) -> None:
    release.save()
    in_use.hold(release.application)
    for container, image in resolved.items():
        ReleaseImage.objects.create(
            release=release,
            container=container,
            reference=images[container],
            repository=image.repository,
            digest=image.digest,
            platforms=list(image.platforms),
        )
    append_event(
        release.application, "release.registered", f"Release {release.version} registered by {principal}",
        now=now, principal=principal, data=contents(release, _pinned(resolved)) | ({"labels": said} if said else {}),
    )  # fmt: skip


def contents(release: Release, pinned: Mapping[str, str]) -> dict[str, Any]:
    """What its event tells of it. `pinned`: container to repository@digest."""
    if release.bundle:
        return {"bundle": release.bundle}
    told: dict[str, Any] = {"images": dict(pinned)}
    if release.task_definition:
        told["task_definition"] = definitions.told(release.task_definition)
    return told


def _exists_sentence(application: Application, version: str) -> str:
    return f"{application} already has a release {version}."


def resolve(application: Application, text: str) -> Image:
    """Ask the registry what this reference stands for now. Raises Refused."""
    try:
        reference = Reference.parse(text)
    except ValueError as error:
        raise Refused(str(error), field="images") from error
    if ecr := EcrAddress.parse(reference.repository):
        return _resolve_in_ecr(application, reference, ecr.account, ecr.region)
    if reference.registry not in application.registry_hosts:
        raise Refused(
            f"Registry {reference.registry} is not on {application}'s list of registries; "
            "an administrator adds it on the application's page.",
            field="images",
        )
    try:
        return registry.resolve(reference, _credential(application, reference))
    except registry.ImageError as error:
        raise Refused(str(error), field="images") from error


def _resolve_in_ecr(application: Application, reference: Reference, account: str, region: str) -> Image:
    try:
        gateway = connect(binding_for(application, account, region))
        return gateway.image(reference.repository, reference.wanted)
    except aws_errors.NotFound as error:
        raise Refused(
            f"{reference} does not exist in ECR: {error.said} Push it, or correct the address.",
            field="images",
        ) from error
    except aws_errors.Denied as error:
        raise Refused(
            f"ECR would not show {reference}: {error.said} The role needs ecr:BatchGetImage and "
            "ecr:GetDownloadUrlForLayer on this repository.",
            field="images",
        ) from error
    except aws_errors.AwsError as error:
        raise Refused(f"{reference} could not be resolved: {error.sentence}", field="images") from error


def binding_for(application: Application, account: str, region: str) -> Binding:
    """The role of an environment in the registry's account, or Tealgate's own credentials."""
    for environment in application.environments.filter(IN_USE):
        if environment.account_id == account or f":{account}:" in environment.role_arn:
            return Binding(region=region, role_arn=environment.role_arn, external_id=environment.external_id)
    return Binding(region=region)


def _credential(application: Application, reference: Reference) -> registry.Credential | None:
    name = application.registry_secret
    if not name:
        return None
    value = settings.REGISTRY_SECRETS.get(name)
    if value is None:
        raise Refused(
            f"The secret {name} named by {application} is not set; set REGISTRY_SECRET_{name} "
            f"(or REGISTRY_SECRET_{name}_FILE) to https://user:password@host.",
            field="images",
        )
    credential = registry.Credential.parse(value)
    return credential if credential.host == reference.registry else None
