"""What belongs to an environment: its gates, smoke checks, one-off tasks and webhooks."""

from urllib.parse import urlsplit

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.crypto import salted_hmac
from simple_history.models import HistoricalRecords

from deployments.catalog.models.arns import seconds
from deployments.catalog.models.environment import Environment
from deployments.outbound.headers import LONGEST, parse
from deployments.vocabulary import Stage, TimeoutAction
from deployments.words import Name, counted


class GatePolicy(models.Model):
    """A gate that every deployment to an environment gets: where, who, how many, for how long."""

    #: Where any controller can stop; the form refuses what the environment's own cannot.
    STAGES = (
        Stage.PRE_SCALE_UP,
        Stage.POST_SCALE_UP,
        Stage.POST_TEST_TRAFFIC_SHIFT,
        Stage.PRE_PRODUCTION_TRAFFIC_SHIFT,
        Stage.PRODUCTION_TRAFFIC_SHIFT,
        Stage.POST_PRODUCTION_TRAFFIC_SHIFT,
        Stage.BAKE_TIME,
    )

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="gate_policies")
    stage = models.CharField(
        max_length=40,
        choices=[(stage.value, stage.label) for stage in STAGES],
        default=Stage.POST_TEST_TRAFFIC_SHIFT,
    )
    percent = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text="For the production traffic shift: after the step that reaches this percentage. "
        "Empty: after every step but the last.",
    )  # fmt: skip
    approvals = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1), MaxValueValidator(20)])
    groups = models.ManyToManyField(
        Group,
        blank=True,
        related_name="+",
        help_text="Who may decide. Empty: everyone with the right to approve.",
    )
    requester_may_approve = models.BooleanField(
        default=False, help_text="Whether the person who asked for the deployment may decide on it."
    )
    timeout_minutes = models.PositiveIntegerField(
        default=1440, validators=[MinValueValidator(1), MaxValueValidator(20160)]
    )
    timeout_action = models.CharField(max_length=10, choices=TimeoutAction.choices(), default=TimeoutAction.ROLLBACK)

    history = HistoricalRecords(m2m_fields=[groups])

    class Meta:
        verbose_name_plural = "gate policies"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["environment", "stage", "percent"], name="gate_policy_unique"),
            models.UniqueConstraint(
                fields=["environment", "stage"],
                condition=models.Q(percent__isnull=True),
                name="gate_policy_unique_without_percent",
            ),
        ]

    def __str__(self) -> str:
        return f"{counted(self.approvals, 'approval')} at {Stage(self.stage).label}"


def sendable(text: str) -> None:
    """Raises ValidationError for what a check does not send."""
    try:
        parse(text)
    except ValueError as error:
        raise ValidationError(str(error)) from error


class SmokeCheck(models.Model):
    """An HTTP request to the test URL that must answer as expected before anyone is asked to approve."""

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="smoke_checks")
    path = models.CharField(
        max_length=200, default="/", validators=[RegexValidator(r"^/", "A path, starting with a slash.")],
        help_text="Shown to everyone who may look, so no token belongs in it.",
    )  # fmt: skip
    expected_status = models.PositiveSmallIntegerField(default=200)
    contains = models.CharField(max_length=200, blank=True, help_text="Text that the answer must contain.")
    timeout_seconds = models.PositiveSmallIntegerField(default=5, validators=[MaxValueValidator(30)])
    headers = models.TextField(
        max_length=LONGEST, blank=True, default="", db_default="", validators=[sendable],
        help_text="One a line, such as Host: shop.example.com, and X-Forwarded-Proto: https where production is HTTPS "
        "and the test listener is not. Shown to everyone who may look, so no token belongs here.",
    )  # fmt: skip
    follow_redirects = models.BooleanField(
        default=False, db_default=False,
        help_text="As long as they stay at the test address. Others are not followed: another release could answer.",
    )  # fmt: skip

    history = HistoricalRecords()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"GET {self.path} answers {self.expected_status}"


class OneOffTask(models.Model):
    """A command that runs once with the new release before it is scaled up, such as a database migration."""

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="one_off_tasks")
    name = models.CharField(max_length=60, default="migrate")
    container = models.CharField(max_length=255, blank=True, help_text="Empty: the environment's container.")
    command = models.CharField(max_length=500, help_text="As on a command line: python manage.py migrate --noinput")
    timeout_seconds = models.PositiveIntegerField(default=1800, validators=seconds)
    position = models.PositiveSmallIntegerField(default=0)

    history = HistoricalRecords()

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return Name(self.name)


class Webhook(models.Model):
    """A URL that is told when a deployment's test traffic is ready; a refusal stops the deployment."""

    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="webhooks")
    url = models.URLField("URL")
    secret = models.CharField(
        max_length=60, blank=True,
        validators=[RegexValidator(r"^[A-Z][A-Z0-9_]*$", "Capital letters, digits and underscores.")],
        help_text="Name of the signing secret: SHOP stands for the setting WEBHOOK_SECRET_SHOP.",
    )  # fmt: skip

    # Versions are kept for long and shown to many, and nobody needs yesterday's token.
    history = HistoricalRecords(excluded_fields=["url"])

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.place

    @property
    def place(self) -> str:
        """Host and port: all of the address that may be shown, as the rest often holds a token."""
        return urlsplit(self.url).netloc.rpartition("@")[2]

    @property
    def mark(self) -> str:
        """Tells one address from another without telling either: 12 hex digits that only this installation can make."""
        return salted_hmac("deployments.Webhook", self.url).hexdigest()[:12]
