"""What a person was told: a row of their inbox, whether they have an address or not."""

from django.contrib.auth.models import User
from django.db import models

from deployments.delivery.models import Deployment, Gate
from deployments.record.models import Event

LONGEST_SUBJECT = 250


class Notice(models.Model):
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=30, help_text="A name from kinds.py.")
    key = models.CharField(max_length=120, help_text="Such as event:123: told once, however often that is heard.")
    thread = models.CharField(
        max_length=120, blank=True, default="", db_default="", help_text="What belongs together, such as gate:17."
    )
    subject = models.CharField(max_length=LONGEST_SUBJECT)
    content = models.JSONField(default=dict, help_text="As content.py writes it.")
    path = models.CharField(max_length=300, blank=True, default="", help_text="The page it leads to.")
    event = models.ForeignKey(Event, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    deployment = models.ForeignKey(Deployment, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    gate = models.ForeignKey(Gate, null=True, blank=True, on_delete=models.CASCADE, related_name="notices")
    at = models.DateTimeField(db_index=True)
    read_at = models.DateTimeField(null=True, blank=True)
    over_at = models.DateTimeField(null=True, blank=True)
    over = models.TextField(blank=True, default="", help_text="Why nothing waits any more, in a sentence.")

    class Meta:
        verbose_name_plural = "inbox"
        ordering = ["-id"]
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["person", "key"], name="notice_once")]
        indexes = [
            models.Index(fields=["person", "-at"], name="notice_of_person"),
            models.Index(fields=["person"], condition=models.Q(read_at__isnull=True), name="notice_unread"),
            models.Index(fields=["thread"], condition=models.Q(over_at__isnull=True), name="notice_not_over"),
        ]

    def __str__(self) -> str:
        return self.subject
