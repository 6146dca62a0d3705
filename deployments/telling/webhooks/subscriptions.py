"""What people do with webhooks: add one, change it, give it another secret, turn it off and on, delete it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction

from deployments import logs
from deployments.catalog.models import Application, Environment
from deployments.people import rights
from deployments.people.principal import Principal
from deployments.record import constraints
from deployments.record.append import Chain, append_event
from deployments.refused import Refused
from deployments.sealed import Unreadable
from deployments.telling.webhooks import address, signing
from deployments.telling.webhooks.groups import GROUPS
from deployments.telling.webhooks.models import LONGEST_NAME, DeliveryStatus, WebhookSubscription
from deployments.texts import typed

#: Their events' chain in the log.
WEBHOOKS: Final = Chain("webhooks")
#: So long the secret before signs beside a new one.
ROTATION = timedelta(hours=24)
_COLUMNS = ("name", "url", "is_internal", "is_for_some", "about")


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody chose. `applications` and `environments`: the only ones it is about; neither: all.

    `about`: names of GROUPS; none: all.
    """

    name: str
    url: str
    is_internal: bool = False
    applications: Collection[Application] = ()
    environments: Collection[Environment] = ()
    about: Collection[str] = ()


def add(*, wanted: Wanted, principal: Principal, now: datetime) -> tuple[WebhookSubscription, str]:
    """And its secret, which is shown this once.

    Raises Refused: no right, no name or one that is taken, an address that is none or not allowed, an unknown group.
    """
    _require(rights.webhook_refusal(principal, "add"))
    secret = signing.new_secret()
    logs.learn(secret)
    subscription = WebhookSubscription(secret=secret, made_at=now, on_since=now)
    _save(subscription, wanted, principal, now)
    return subscription, secret


def change(*, subscription: WebhookSubscription, wanted: Wanted, principal: Principal, now: datetime) -> None:
    """What waits goes to another address at once, which is judged by nothing before. Raises Refused as `add` does."""
    _require(rights.webhook_refusal(principal, "change"))
    before = subscription.url
    with transaction.atomic():
        _save(subscription, wanted, principal, now)
        if subscription.url != before:
            WebhookSubscription.objects.filter(pk=subscription.pk).update(failing_since=None)
            tried = subscription.deliveries.filter(status=DeliveryStatus.WAITING, first_sent_at__isnull=False)
            tried.update(due_at=now, first_sent_at=None)


def rotate(*, subscription: WebhookSubscription, principal: Principal, now: datetime) -> str:
    """The new secret, shown this once; for ROTATION the one before signs as well. Raises Refused without the right."""
    _require(rights.webhook_refusal(principal, "change"))
    secret = signing.new_secret()
    logs.learn(secret)
    try:
        subscription.previous_secret = subscription.secret
    except Unreadable:  # its key is lost, and this is the way out
        subscription.previous_secret = ""
    subscription.secret, subscription.previous_until = secret, now + ROTATION
    with transaction.atomic():
        subscription.save(update_fields=["secret", "previous_secret", "previous_until"])
        append_event(
            WEBHOOKS, "webhook.secret_changed", f"Webhook {subscription} given another secret",
            now=now, principal=principal,
        )  # fmt: skip
    return secret


def turn_off(*, subscription: WebhookSubscription, principal: Principal, now: datetime) -> None:
    """Nothing is sent, and what happens meanwhile is not kept for it. Raises Refused: no right, or it is off."""
    _require(rights.webhook_refusal(principal, "change"))
    with transaction.atomic():
        if not WebhookSubscription.objects.filter(pk=subscription.pk, is_on=True).update(is_on=False, off_reason=""):
            raise Refused(f"{subscription} is off already.")
        append_event(
            WEBHOOKS, "webhook.turned_off", f"Webhook {subscription} turned off by {principal}",
            now=now, principal=principal,
        )  # fmt: skip


def turn_on(*, subscription: WebhookSubscription, principal: Principal, now: datetime) -> None:
    """What waited since before is sent first. Raises Refused: no right, or it is on."""
    _require(rights.webhook_refusal(principal, "change"))
    with transaction.atomic():
        off = WebhookSubscription.objects.filter(pk=subscription.pk, is_on=False)
        if not off.update(is_on=True, off_reason="", on_since=now, failing_since=None):
            raise Refused(f"{subscription} is on already.")
        # Each has its three days anew: one more failure is not the end of what waited for so long.
        subscription.deliveries.filter(status=DeliveryStatus.WAITING).update(due_at=now, first_sent_at=None)
        append_event(
            WEBHOOKS, "webhook.turned_on", f"Webhook {subscription} turned on by {principal}",
            now=now, principal=principal,
        )  # fmt: skip


def delete(*, subscription: WebhookSubscription, principal: Principal, now: datetime) -> None:
    """With all that it was sent. Raises Refused without the right."""
    _require(rights.webhook_refusal(principal, "delete"))
    with transaction.atomic():
        WebhookSubscription.objects.select_for_update().filter(pk=subscription.pk).first()  # before its deliveries
        append_event(
            WEBHOOKS, "webhook.deleted", f"Webhook {subscription} deleted by {principal}",
            now=now, principal=principal, data={"place": subscription.place},
        )  # fmt: skip
        subscription.delete()


def _require(refusal: str) -> None:
    if refusal:
        raise Refused(refusal)


def _save(subscription: WebhookSubscription, wanted: Wanted, principal: Principal, now: datetime) -> None:
    """Raises Refused."""
    is_new = subscription.pk is None
    _take(subscription, wanted)
    try:
        with transaction.atomic():
            subscription.save(update_fields=None if is_new else _COLUMNS)
            subscription.applications.set(wanted.applications)
            subscription.environments.set(wanted.environments)
            append_event(
                WEBHOOKS, "webhook.added" if is_new else "webhook.changed",
                f"Webhook {subscription} added by {principal}" if is_new else
                f"Webhook {subscription} changed by {principal}",
                now=now, principal=principal, data=_told(subscription, wanted),
            )  # fmt: skip
    except IntegrityError as error:
        if not constraints.violated(error, WebhookSubscription, "webhook_unique_name"):
            raise
        raise Refused(f"There is a webhook {subscription} already; call it otherwise.", field="name") from error


def _take(subscription: WebhookSubscription, wanted: Wanted) -> None:
    """Raises Refused."""
    subscription.name = typed(wanted.name, most=LONGEST_NAME, what="The name", field="name")
    if not subscription.name:
        raise Refused("Give it a name; the log will say it with everything that is done with it.", field="name")
    if unknown := sorted(set(wanted.about) - set(GROUPS)):
        raise Refused(f"There is no group {unknown[0]}; there are: {', '.join(GROUPS)}.", field="about")
    subscription.url = address.checked(wanted.url, is_internal=wanted.is_internal)
    subscription.is_internal = wanted.is_internal
    subscription.is_for_some = bool(wanted.applications or wanted.environments)
    subscription.about = [name for name in GROUPS if name in wanted.about]


def _told(subscription: WebhookSubscription, wanted: Wanted) -> dict[str, Any]:
    """Of the address only the host: the rest may hold a token."""
    where = sorted(str(each) for each in (*wanted.applications, *wanted.environments))
    return {
        "place": subscription.place,
        "internal": subscription.is_internal,
        "about": subscription.about,
        "where": where,
    }
