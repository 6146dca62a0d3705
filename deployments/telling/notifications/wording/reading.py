"""The rows that a message is about, with all that its words follow: as many queries for each of them."""

from datetime import datetime

from django.db.models import QuerySet

from deployments.delivery.models import Deployment, Gate
from deployments.record.models import Event


def deployment_of(event: Event) -> Deployment | None:
    """None where the event is about no deployment."""
    return _deployments().filter(pk=event.deployment_id).first() if event.deployment_id else None


def gate_of(event: Event, deployment: Deployment) -> Gate | None:
    """The one that was open at that moment, or closed by it."""
    return _gate(deployment, opened_at__lte=event.at, stage=event.stage)


def gate_again(gate: Gate) -> Gate | None:
    deployment = _deployments().filter(pk=gate.deployment_id).first()
    return _gate(deployment, pk=gate.pk) if deployment else None


def _gate(deployment: Deployment, **which: int | str | datetime) -> Gate | None:
    found = Gate.objects.filter(deployment=deployment, **which).prefetch_related("groups", "approvals__person")
    gate = found.order_by("-opened_at", "-pk").first()
    if gate:
        gate.deployment = deployment
    return gate


def _deployments() -> "QuerySet[Deployment]":
    related = ("environment__application", "release", "source_release", "requested_by")
    # A release's task definition can be longer than all of the message, and is not in it.
    unused = [f"{each}__task_definition" for each in ("release", "source_release")]
    rows = Deployment.objects.select_related(*related).defer(*unused)
    return rows.prefetch_related("release__images", "source_release__images")
