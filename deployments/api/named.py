"""What an address names: found, or 404 in words. What is retired has no address, only its number."""

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import Http404

from deployments.catalog.models import Application, Environment, GatePolicy, Release
from deployments.catalog.models.retiring import IN_USE
from deployments.delivery.models import Deployment, Gate

#: What is said of a gate besides its own row.
OF_A_GATE = ("deployment__environment__application", "deployment__release", "deployment__requested_by")


def application(slug: str) -> Application:
    found = Application.objects.filter(IN_USE, slug=slug).first()
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
    found = environments().filter(application__slug=slug, name=name).first()
    if found is None:
        raise Http404(f"There is no environment {slug}/{name}.")
    return found


def release(of: Application, version: str) -> Release:
    found = of.releases.select_related("application").prefetch_related("images").filter(version=version).first()
    if found is None:
        raise Http404(f"{of} has no release {version}.")
    return found


def deployment(pk: int) -> Deployment:
    rows = Deployment.objects.select_related("environment__application", "release", "requested_by")
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404(f"There is no deployment {pk}.")
    return found


def gate(pk: int) -> Gate:
    rows = Gate.objects.select_related(*OF_A_GATE)
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404(f"There is no gate {pk}.")
    return found
