"""Releases that registered themselves go where their application says that the newest goes at once.

The request is an ordinary one, by the service that people's requests go through. It is made once: what refuses it is
told, and nobody asks again but a person or the next release.
"""

from datetime import datetime

from django.db import transaction

from deployments import swaps
from deployments.catalog.freezing import freeze
from deployments.catalog.models import Environment, FoundVersion
from deployments.catalog.self_registering.deciding import is_older
from deployments.catalog.self_registering.patterns import Pattern
from deployments.catalog.self_registering.settling import principal_of
from deployments.delivery.models import Deployment
from deployments.delivery.requests import asked_before, request_deployment
from deployments.record.append import append_event
from deployments.refused import Refused
from deployments.words import full_stop

#: in one task
MOST = 10


def waiting() -> bool:
    return FoundVersion.objects.filter(is_to_deploy=True).exists()


def deploy(now: datetime) -> None:
    """Whatever waits. Killed after it was asked for, the same request finds what it has made."""
    rows = FoundVersion.objects.filter(is_to_deploy=True).select_related(
        "release__application",
        "registration__deploy_to__application",
        "registration__owner",
        "registration__application",
    )
    for row in rows.order_by("-pk")[:MOST]:  # where a worker was killed between two of them, the later one goes
        says = _asked(row, now)
        with transaction.atomic():
            same = FoundVersion.objects.filter(pk=row.pk, is_to_deploy=True)
            if same.update(is_to_deploy=False, says=says) and says:
                append_event(
                    row.registration.application, "release.not_deployed", f"{row.version} was not deployed: {says}",
                    now=now, principal=principal_of(row.registration),
                )  # fmt: skip


def _asked(row: FoundVersion, now: datetime) -> str:
    """Why not; "" when it was, or need not be any more."""
    registration, release = row.registration, row.release
    environment, key = registration.deploy_to, f"self-registration-{row.release_id}"
    if environment is None or release is None or asked_before(key):
        return ""
    if newer := _newer(row, environment):
        return (
            f"{newer} went to {environment} before, and is newer. Deploy {row.version} yourself if it is to go there."
        )
    try:
        request_deployment(
            environment=environment,
            release=release,
            strategy=registration.strategy or _strategy(environment),
            principal=principal_of(registration),
            reason="It registered itself",
            now=now,
            request_key=key,
        )
    except Refused as refused:
        return f"{full_stop(refused.sentence)} It is not asked for again: deploy it yourself, or push the next version."
    return ""


def _newer(row: FoundVersion, environment: Environment) -> str:
    """The version that was asked for there last, if it is newer; "" else."""
    last = Deployment.objects.filter(environment=environment).order_by("-pk").values_list("release__version", flat=True)
    version = last.first()
    if version is None:
        return ""
    pushed_at = FoundVersion.objects.filter(registration=row.registration, version=version).values_list("pushed_at")
    there = (version, next((at for (at,) in pushed_at), None))
    return version if is_older(Pattern(row.registration.pattern), (row.version, row.pushed_at), there) else ""


def _strategy(environment: Environment) -> str:
    """Its own, else the first that it offers."""
    settings = freeze(environment)
    offered = [str(each) for each in swaps.get(settings.controller).strategies(settings)]
    return environment.strategy if environment.strategy in offered else offered[0]
