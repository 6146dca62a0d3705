"""Webhooks and what they were sent. The row of a delivery is the work item, and stays for a while as the record."""

from datetime import datetime
from urllib.parse import urlsplit

from django.db import models
from django.db.models import Min, Q

from deployments import leased
from deployments.catalog.models import Application, Environment
from deployments.record.models import Event
from deployments.sealed import SealedTextField
from deployments.vocabulary import Word
from deployments.words import Name

LONGEST_NAME, LONGEST_URL = 60, 500
#: Of an answer so much is kept, in bytes.
ANSWER_KEPT = 1024


class WebhookSubscription(models.Model):
    """Where events are sent, and which. An environment's own webhooks, which may stop a deployment, are `Webhook`."""

    name = models.CharField(max_length=LONGEST_NAME)
    url = models.CharField("URL", max_length=LONGEST_URL)
    is_internal = models.BooleanField(default=False, help_text="Private addresses and HTTP are allowed.")
    applications = models.ManyToManyField(Application, blank=True, related_name="+")
    environments = models.ManyToManyField(Environment, blank=True, related_name="+")
    is_for_some = models.BooleanField(
        default=False, help_text="Whether applications or environments were named, also when they are gone since."
    )
    about = models.JSONField(default=list, help_text="Names from groups.py; none: all.")
    secret = SealedTextField(editable=False)
    previous_secret = SealedTextField(default="", editable=False)
    previous_until = models.DateTimeField(null=True, blank=True, help_text="Until then the one before signs as well.")
    is_on = models.BooleanField(default=True)
    on_since = models.DateTimeField(help_text="Events from before are not sent.")
    off_reason = models.TextField(blank=True, default="", help_text="Why Tealgate turned it off, in a sentence.")
    failing_since = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True, help_text="When something last came through.")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]
        verbose_name = "webhook"
        constraints = [models.UniqueConstraint(fields=["name"], name="webhook_unique_name")]

    def __str__(self) -> str:
        return Name(self.name)

    @property
    def place(self) -> str:
        """Host and port: all of the address that everybody may see, as the rest often holds a token."""
        return urlsplit(self.url).netloc.rpartition("@")[2]

    def secrets(self, now: datetime) -> list[str]:
        """That sign now, the newest first. Raises Unreadable."""
        still = self.previous_secret if self.previous_until and now < self.previous_until else ""
        return [self.secret, *([still] if still else [])]


class DeliveryStatus(Word):
    WAITING = "WAITING"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"


_waiting = Q(status=DeliveryStatus.WAITING)
#: Of what is sent twice, or was no event, there may be several.
_planned = Q(by_hand=False)


class DeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    def waiting(self) -> "DeliveryQuerySet":
        """Of webhooks that are on, and whatever people asked for."""
        return self.filter(_waiting, Q(subscription__is_on=True) | Q(by_hand=True))

    def first_in_chains(self) -> "list[WebhookDelivery]":
        """Of what waits: what comes next in each chain of each webhook, due or not; without their long texts.

        In two questions, since a database that is asked for both at once looks at all that waits a second time.
        """
        first = set(self.waiting().order_by().values_list("subscription_id", "chain").annotate(Min("number")))
        keys = {name: {row[place] for row in first} for place, name in enumerate(("subscription", "chain", "number"))}
        rows = self.waiting().filter(**{f"{name}__in": found for name, found in keys.items()})
        short = rows.select_related("subscription").only("chain", "number", "due_at", "lease_expires_at",
                                                         "subscription__failing_since")  # fmt: skip
        return [row for row in short if (row.subscription_id, row.chain, row.number) in first]

    def claimable(self, now: datetime) -> "DeliveryQuerySet":
        """As far as its own row says, which is all that a claim may go by: two of them are told apart by its lock."""
        return self.filter(_waiting, leased.free(now), due_at__lte=now)


class WebhookDelivery(models.Model):
    subscription = models.ForeignKey(WebhookSubscription, on_delete=models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(Event, null=True, on_delete=models.PROTECT, related_name="+", help_text="None: a test.")
    by_hand = models.BooleanField(default=False, help_text="Asked for by somebody, and tried once.")
    chain = models.CharField(max_length=80, help_text="Within it one waits for the other; one by hand has its own.")
    number = models.PositiveIntegerField(default=0)
    message_id = models.CharField(max_length=80, help_text="The same with every attempt, and when it is sent again.")
    kind = models.CharField(max_length=60)
    body = models.TextField(help_text="As it is signed and sent.")
    status = models.CharField(max_length=9, choices=DeliveryStatus.choices(), default=DeliveryStatus.WAITING)
    made_at = models.DateTimeField(db_index=True)
    due_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    first_sent_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    place = models.CharField(max_length=300, blank=True, default="", help_text="Host and port it was last sent to.")
    headers = models.JSONField(default=dict, help_text="Those of the last attempt.")
    response_status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = models.TextField(blank=True, default="", help_text="What was answered begins so.")
    milliseconds = models.PositiveIntegerField(null=True, blank=True)
    said = models.TextField(blank=True, default="", help_text="What came of the last attempt, in sentences.")
    lease_token = models.CharField(max_length=120, blank=True, default="")
    lease_expires_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        default_permissions = ()
        verbose_name = "webhook delivery"
        verbose_name_plural = "webhook deliveries"
        constraints = [
            models.UniqueConstraint(fields=["subscription", "event"], condition=_planned, name="webhook_event_once")
        ]
        indexes = [
            models.Index(fields=["subscription", "chain", "number"], condition=_waiting, name="webhook_delivery_waits")
        ]

    def __str__(self) -> str:
        return f"Delivery of {self.kind} to {self.subscription}"
