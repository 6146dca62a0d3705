"""A receiver of the outbox: an event becomes one delivery for each webhook that it is for, however often it is told."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.conf import settings

from deployments.catalog.models import Application, Environment
from deployments.record.models import Event, Outbox
from deployments.telling.webhooks import body
from deployments.telling.webhooks.groups import is_about
from deployments.telling.webhooks.models import WebhookDelivery, WebhookSubscription

#: As OUTBOX_RECEIVERS names it.
RECEIVER = f"{__name__}.receive"


def receive(event: Event) -> None:
    """With those of its chain that have not come yet: the outbox may hand on a later event before an earlier one."""
    subscriptions = WebhookSubscription.objects.filter(is_on=True).prefetch_related("applications", "environments")
    if not (listening := list(subscriptions)):
        return
    events = [*_earlier(event), event]
    where = _where(event)
    deliveries = [
        _delivery(each, subscription, where)
        for each in events
        for subscription in listening
        if subscription.on_since <= each.at and is_about(each.kind, subscription.about) and where.is_of(subscription)
    ]
    WebhookDelivery.objects.bulk_create(deliveries, ignore_conflicts=True)


def _earlier(event: Event) -> Iterator[Event]:
    """In order. What another receiver has still to take stays in the outbox, and was ours already."""
    rows = Outbox.objects.filter(event__chain=event.chain_id, event__number__lt=event.number)
    keys = [key for key, taken_by in rows.values_list("pk", "taken_by") if RECEIVER not in taken_by]
    return Event.objects.filter(pk__in=keys).select_related("chain").order_by("number").iterator()


class _Where(NamedTuple):
    """What a chain of events belongs to; the keys are None where it belongs to none."""

    name: str
    application: int | None
    environment: int | None

    def is_of(self, subscription: WebhookSubscription) -> bool:
        if not subscription.is_for_some:
            return True
        return self.application in _keys(subscription.applications.all()) or (
            self.environment in _keys(subscription.environments.all())
        )


def _keys(rows: Iterable[Application | Environment]) -> set[int | None]:
    return {row.pk for row in rows}


def _where(event: Event) -> _Where:
    """An environment that was deleted is called by its chain, such as environment:3."""
    kind, _, key = event.chain.name.partition(":")
    if kind == "environment":
        environment = Environment.objects.select_related("application").filter(pk=key).first()
        if environment:
            return _Where(str(environment), environment.application_id, environment.pk)
    if kind == "application":
        application = Application.objects.filter(pk=key).first()
        return _Where(application.slug if application else event.chain.name, int(key), None)
    return _Where(event.chain.name, None, None)


def _delivery(event: Event, subscription: WebhookSubscription, where: _Where) -> WebhookDelivery:
    subject = f"{where.name}/{event.deployment_id}" if event.deployment_id else where.name
    return WebhookDelivery(
        subscription=subscription,
        event=event,
        chain=event.chain.name,
        number=event.number,
        message_id=body.message_id(event),
        kind=event.kind,
        body=body.of_event(event, source=settings.SITE_URL, subject=subject),
        made_at=event.at,
        due_at=event.at,
    )
