"""What a deployment is about, by number and name: a release and what is in it, an environment."""

from dataclasses import dataclass

from deployments.catalog.models import Environment, Release
from deployments.delivery.models import Deployment
from deployments.swaps.steps.called import UNKNOWN
from deployments.vocabulary import Role
from deployments.words import Name


@dataclass(frozen=True, kw_only=True)
class ReleaseName:
    id: int
    version: str


@dataclass(frozen=True, kw_only=True)
class ImageView:
    container: str
    digest: str
    #: repository@digest
    pinned: str


@dataclass(frozen=True, kw_only=True)
class ReleaseView(ReleaseName):
    #: Release.bundle_address; "" when it is images
    bundle: str
    images: tuple[ImageView, ...]


@dataclass(frozen=True, kw_only=True)
class EnvironmentName:
    id: int
    name: str
    #: with its application, such as shop/production
    label: str


def release_name(release: Release) -> ReleaseName:
    return ReleaseName(id=release.pk, version=release.version)


def release_view(release: Release) -> ReleaseView:
    return ReleaseView(
        id=release.pk,
        version=release.version,
        bundle=release.bundle_address,
        images=tuple(
            ImageView(container=image.container, digest=image.digest, pinned=image.pinned)
            for image in release.images.all()
        ),
    )


def environment_name(environment: Environment) -> EnvironmentName:
    return EnvironmentName(id=environment.pk, name=environment.name, label=environment.told_apart)


def version(deployment: Deployment, role: str) -> str:
    """Of the old release, or UNKNOWN where Tealgate had not deployed it, or of the new one; "" without a role."""
    if role == Role.TARGET:
        return Name(deployment.release.version)
    if role == Role.SOURCE:
        return Name(deployment.source_release.version) if deployment.source_release else UNKNOWN
    return ""


def called(deployment: Deployment, role: str) -> str:
    """Such as "new 1.1.0"; "" while it is not known which of the two it is."""
    name = version(deployment, role)
    if name in ("", UNKNOWN):
        return name
    return f"new {name}" if role == Role.TARGET else f"old {name}"
