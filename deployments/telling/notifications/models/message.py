"""What is on its way to one address. The row is the work item, and stays for a while as the record."""

from datetime import datetime
from typing import Final

from django.db import models
from django.db.models import Q

from deployments import leased
from deployments.telling.notifications.models.address import NotificationAddress
from deployments.telling.notifications.models.notice import Notice
from deployments.vocabulary import Word


class Does(Word):
    TELL = "TELL"
    #: changes what the thread's first message shows, where the service can
    UPDATE = "UPDATE"
    #: says that what the thread is about is over
    RESOLVE = "RESOLVE"


class MessageStatus(Word):
    WAITING = "WAITING"
    SENT = "SENT"
    FAILED = "FAILED"
    #: it was over before it was sent
    DROPPED = "DROPPED"


#: Said of one until what came of it is written down.
UNDER_WAY: Final = "It is on its way."
_waiting = Q(status=MessageStatus.WAITING)
_not_over = Q(over_at__isnull=True, does=Does.TELL.value)


class MessageQuerySet(models.QuerySet["Message"]):
    def waiting(self) -> "MessageQuerySet":
        """Of addresses and channels that are on and people who are active, and whatever was asked for by hand."""
        on = Q(address__is_on=True) & (Q(address__person__is_active=True) | Q(address__channel__is_on=True))
        return self.filter(_waiting, on | Q(by_hand=True))

    def claimable(self, now: datetime) -> "MessageQuerySet":
        """As far as its own row says, which is all that a claim may go by."""
        return self.filter(_waiting, leased.free(now), due_at__lte=now, is_held=False)


class Message(models.Model):
    address = models.ForeignKey(NotificationAddress, on_delete=models.CASCADE, related_name="messages")
    notice = models.ForeignKey(Notice, null=True, blank=True, on_delete=models.SET_NULL, related_name="messages")
    key = models.CharField(max_length=120, help_text="Told once at an address, however often its event is heard.")
    kind = models.CharField(max_length=30, help_text="A name from kinds.py.")
    content = models.JSONField(default=dict, help_text="As content.py writes it.")
    thread = models.CharField(max_length=120, help_text="What belongs together, such as gate:17.")
    does = models.CharField(max_length=7, choices=Does.choices(), default=Does.TELL)
    of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="followed_by",
        help_text="Which one it changes or resolves.",
    )  # fmt: skip
    over_at = models.DateTimeField(null=True, blank=True, help_text="Since then what it tells is not so any more.")
    is_held = models.BooleanField(
        default=False, db_default=False, help_text="Until it is due it waits for others, to be told together with them."
    )
    by_hand = models.BooleanField(default=False, help_text="Asked for by somebody, and tried once.")
    status = models.CharField(max_length=7, choices=MessageStatus.choices(), default=MessageStatus.WAITING)
    made_at = models.DateTimeField(db_index=True)
    due_at = models.DateTimeField()
    attempts = models.PositiveIntegerField(default=0)
    first_sent_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    said = models.TextField(blank=True, default="", help_text="What came of the last attempt, in sentences.")
    reference = models.JSONField(default=dict, help_text="By which the service finds it again.")
    maybe_twice = models.BooleanField(
        default=False, help_text="An attempt was cut off, and nobody knows whether it arrived."
    )
    lease_token = models.CharField(max_length=120, blank=True, default="")
    lease_expires_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["address", "key"], name="message_once")]
        indexes = [
            models.Index(fields=["due_at"], condition=_waiting, name="message_due"),
            models.Index(fields=["address", "thread"], name="message_thread"),
            models.Index(fields=["thread"], condition=_not_over, name="message_not_over"),
        ]

    def __str__(self) -> str:
        return f"Message of {self.kind} to {self.address}"
