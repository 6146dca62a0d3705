"""What an address names: found, or 404 in words. What is retired has no address, only its number."""

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import Http404

from deployments.api.lists import MOST
from deployments.catalog.models import Application, Environment, GatePolicy, Release, ReleaseImage
from deployments.catalog.models.retiring import IN_USE
from deployments.delivery.models import Deployment, Gate
from deployments.prepared import Prepared, by, keep

#: What is said of a gate besides its own row.
OF_A_GATE = ("deployment__environment__application", "deployment__release", "deployment__requested_by")


def application(slug: str) -> Application:
    found = _APPLICATION.first(slug=slug)
    if found is None:
        raise Http404(f"There is no application {slug}.")
    return found


def environments() -> QuerySet[Environment]:
    """Those in use, with all that is shown of each: `under_way`, a deployment's number, and whether a gate `asks`."""
    under_way = Deployment.objects.unfinished().filter(environment=OuterRef("pk"))
    rows = Environment.objects.select_related("application", "live_release", "locked_by", "unattended_by")
    return rows.filter(IN_USE).annotate(
        under_way=Subquery(under_way.values("pk")[:1]),
        asks=Exists(GatePolicy.objects.filter(environment=OuterRef("pk"))),
    )


def environment(slug: str, name: str) -> Environment:
    found = _ENVIRONMENT.first(slug=slug, name=name)
    if found is None:
        raise Http404(f"There is no environment {slug}/{name}.")
    return found


def release(of: Application, version: str) -> Release:
    found = _RELEASE.first(application=of.pk, version=version)
    if found is None:
        raise Http404(f"{of} has no release {version}.")
    keep([found], "images", images([found]))
    return found


def deployment(pk: int) -> Deployment:
    found = _DEPLOYMENT.first(pk=pk) if 0 < pk <= MOST else None
    if found is None:
        raise Http404(f"There is no deployment {pk}.")
    return found


def gate(pk: int) -> Gate:
    found = _GATE.first(pk=pk) if 0 < pk <= MOST else None
    if found is None:
        raise Http404(f"There is no gate {pk}.")
    return found


def images(of: Iterable[Release]) -> dict[int, list[ReleaseImage]]:
    """By their release's key."""
    return by("release_id", _IMAGES(releases=tuple(each.pk for each in of)))


_APPLICATION = Prepared(lambda slug: Application.objects.filter(IN_USE, slug=slug))
_ENVIRONMENT = Prepared(lambda slug, name: environments().filter(application__slug=slug, name=name))
_RELEASE = Prepared(
    lambda application, version: Release.objects.select_related("application").filter(
        application=application, version=version
    )
)
_IMAGES = Prepared(lambda releases: ReleaseImage.objects.filter(release__pk__in=releases))
_DEPLOYMENT = Prepared(
    lambda pk: Deployment.objects.select_related("environment__application", "release", "requested_by").filter(pk=pk)
)
_GATE = Prepared(lambda pk: Gate.objects.select_related(*OF_A_GATE).filter(pk=pk))
