"""An environment: one place where one application runs, and how releases get there."""

from collections.abc import Mapping

from django.contrib.auth.models import Group
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from simple_history.models import HistoricalRecords

from deployments.aws.values import Binding
from deployments.catalog.models.addresses import no_credentials
from deployments.catalog.models.answering import ONE_ENVIRONMENT_AN_ACTION, Answering
from deployments.catalog.models.application import Application
from deployments.catalog.models.arns import lines, role_arn, rule_arn, rule_arns, seconds, target_group_arn
from deployments.catalog.models.auto_scaled import AutoScaled
from deployments.catalog.models.defining import LONGEST_ROLES, Defining
from deployments.catalog.models.locking import Lockable
from deployments.catalog.models.reminding import Reminding
from deployments.catalog.models.replacing import PERCENTS_REPLACE, Replacing
from deployments.catalog.models.restricted import Restricted
from deployments.catalog.models.retiring import IN_USE, Retirable
from deployments.catalog.models.running import Compared
from deployments.catalog.models.scheduling import LONGEST_FAMILIES, Scheduling
from deployments.catalog.models.task_counts import TaskCounts
from deployments.catalog.models.unattended import Unattended
from deployments.record.append import Place
from deployments.record.lengths import at_most
from deployments.vocabulary import ComputePlatform, Controller, FileExists, Slot, Strategy, TimeoutAction
from deployments.words import Name

#: A hundred long names.
LONGEST_ALARMS = 10_000
#: A hundred of the longest ARNs.
LONGEST_RULES = 25_600
#: name of the constraint
ONE_NAME = "environment_unique_in_application"


class Environment(
    Retirable, Lockable, Compared, AutoScaled, TaskCounts, Replacing, Defining, Scheduling, Answering, Reminding,
    Unattended, Restricted,
):  # fmt: skip
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="environments")
    name = models.SlugField(max_length=60)
    rank = models.PositiveSmallIntegerField(
        default=10, help_text="Place in the promotion path: a release goes from lower to higher ranks."
    )

    region = models.CharField(max_length=30, default="us-east-1")
    role_arn = models.CharField(
        "role ARN", max_length=200, blank=True, validators=[role_arn],
        help_text="The role that Tealgate assumes in the account. Empty: Tealgate's own credentials.",
    )  # fmt: skip
    external_id = models.CharField("external ID", max_length=200, blank=True)
    account_id = models.CharField(
        "account ID", max_length=12, blank=True, validators=[RegexValidator(r"^\d{12}$", "Twelve digits.")],
        help_text="When given, preflight refuses any other account.",
    )  # fmt: skip

    controller = models.CharField(max_length=20, choices=Controller.choices(), default=Controller.SERVICE_PAIR)
    cluster = models.CharField(max_length=255, blank=True)
    container_name = models.CharField(max_length=255, blank=True)
    container_port = models.PositiveIntegerField(default=8000, validators=[MaxValueValidator(65535)])
    service = models.CharField(
        max_length=255, blank=True, help_text="The one ECS service; a service pair has two instead."
    )
    blue_service = models.CharField(max_length=255, blank=True)
    green_service = models.CharField(max_length=255, blank=True)
    blue_target_group = models.CharField(max_length=255, blank=True, validators=[target_group_arn])
    green_target_group = models.CharField(max_length=255, blank=True, validators=[target_group_arn])
    production_rule = models.CharField(max_length=255, blank=True, validators=[rule_arn])
    more_production_rules = models.TextField(
        max_length=LONGEST_RULES, blank=True, default="", db_default="", validators=[rule_arns],
        help_text="ARNs of further rules that forward to the same two target groups, one a line: all of them are "
        "shifted together. Only where Tealgate writes the weights (Service pair).",
    )  # fmt: skip
    test_rule = models.CharField(max_length=255, blank=True, validators=[rule_arn])

    codedeploy_application = models.CharField("CodeDeploy application", max_length=100, blank=True)
    codedeploy_group = models.CharField("CodeDeploy deployment group", max_length=100, blank=True)
    compute_platform = models.CharField(
        max_length=10, choices=ComputePlatform.choices(), default=ComputePlatform.ECS, help_text="Of CodeDeploy."
    )
    file_exists = models.CharField(
        "files in the way", max_length=10, choices=FileExists.choices(), blank=True, default="", db_default="",
        help_text="On servers: what CodeDeploy does with files there that no deployment brought. Empty: as in the "
        "group's last good deployment.",
    )  # fmt: skip
    ignore_stop_failures = models.BooleanField(
        "ignore failures to stop", default=False, db_default=False,
        help_text="On servers: go past failing ApplicationStop, BeforeBlockTraffic and AfterBlockTraffic scripts, "
        "which are of the release that is there; without it no release mends one. Switch it off again afterwards.",
    )  # fmt: skip

    production_url = models.URLField(
        "production URL", blank=True, validators=[no_credentials], help_text="Where people reach it; shown as a link."
    )
    test_url = models.URLField(
        "test URL", blank=True, validators=[no_credentials],
        help_text="Where the test listener answers; smoke checks are sent there.",
    )  # fmt: skip

    log_group = models.CharField(
        max_length=512, blank=True, default="", db_default="", help_text="CloudWatch's, for links. It changes nothing."
    )

    strategy = models.CharField(max_length=40, choices=Strategy.choices(), default=Strategy.CANARY)
    canary_percent = models.PositiveSmallIntegerField(
        default=5, validators=[MinValueValidator(1), MaxValueValidator(99)]
    )
    canary_bake_seconds = models.PositiveIntegerField(default=600, validators=seconds)
    linear_percent = models.PositiveSmallIntegerField(
        default=10, validators=[MinValueValidator(1), MaxValueValidator(50)]
    )
    linear_bake_seconds = models.PositiveIntegerField(default=360, validators=seconds)
    ladder = models.CharField(
        max_length=200, blank=True,
        help_text="Weights and bake times, such as 1:300, 5:600, 25:600, 100 (percent : seconds).",
    )  # fmt: skip
    bake_seconds = models.PositiveIntegerField(
        default=300, validators=seconds, help_text="How long alarms are watched at 100 %."
    )
    termination_wait_seconds = models.PositiveIntegerField(
        default=3600, validators=seconds,
        help_text="How long the source is kept warm after that, so that Roll back is one write.",
    )  # fmt: skip
    scale_up_timeout_seconds = models.PositiveIntegerField(default=1800, validators=seconds)

    alarms = models.TextField(
        max_length=LONGEST_ALARMS, blank=True, help_text="CloudWatch alarm names, one a line. Any in ALARM rolls back."
    )
    max_5xx_percent = models.FloatField(
        "most 5xx (%)", default=1.0, validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text="Share of 5xx answers of the target above which it rolls back. 100 switches the watch off.",
    )  # fmt: skip
    max_latency_ms = models.PositiveIntegerField(
        "most latency (ms)", null=True, blank=True, help_text="Average answer time above which it rolls back."
    )
    min_requests = models.PositiveIntegerField(
        default=20, help_text="Below this many requests, shares and latencies say nothing and are not judged."
    )
    requires_min_requests = models.BooleanField(
        "require so many requests", default=False, db_default=False,
        help_text="Whether a release has to have been asked so often. If not, the end says that it was too seldom.",
    )  # fmt: skip
    min_requests_wait_seconds = models.PositiveIntegerField(
        "longest wait for requests", default=1800, db_default=1800, validators=seconds,
        help_text="How long it is waited for them after the watch is over; then somebody is asked at a gate.",
    )  # fmt: skip
    too_few_action = models.CharField(
        "when nobody answers", max_length=10, choices=TimeoutAction.choices(), default=TimeoutAction.ROLLBACK,
        db_default=TimeoutAction.ROLLBACK,
        help_text="What happens if too few came and nobody decides, or where ECS or CodeDeploy wait for nobody.",
    )  # fmt: skip
    max_stopped_tasks = models.PositiveIntegerField(
        "most stopped tasks", null=True, blank=True, default=2, db_default=2,
        help_text="So many tasks of the release may stop by themselves once all of it runs: they exited, were killed "
        "for their memory, or failed health checks. One more rolls back. Empty: they are not counted.",
    )  # fmt: skip

    deployers = models.ManyToManyField(
        Group, blank=True, related_name="+",
        help_text="Who may deploy here, besides having the right to deploy. Empty: everyone with the right.",
    )  # fmt: skip

    strict_approvals = models.BooleanField(
        default=True, db_default=True,
        help_text="Whether approvals do not count of accounts that somebody else made, renamed, regrouped or gave a "
        "password after the deployment was requested.",
    )  # fmt: skip

    decided_in_chat = models.BooleanField(
        "may be decided from a chat", default=False, db_default=False,
        help_text="Whether people may approve and reject in Slack or Teams, by an account there that they bound to "
        "theirs. Off: whoever gets hold of such an account decides as its person. Links to the gate always work.",
    )  # fmt: skip

    live_release = models.ForeignKey(
        "deployments.Release", null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    live_slot = models.CharField(max_length=5, blank=True, choices=Slot.choices(), editable=False)
    live_since = models.DateTimeField(null=True, blank=True, editable=False)
    history = HistoricalRecords(
        m2m_fields=[deployers],
        excluded_fields=[
            "live_release", "live_slot", "live_since", "locked_by", "locked_through", "locked_at", "lock_message",
            "agents_may_open", "unattended_by", "unattended_at", "unattended_reason", "outside", "compared_at",
            "compared_with", "auto_scaling_groups", "retired_by", "retired_at", "retired_reason",
        ],
    )  # fmt: skip

    class Meta:
        ordering = ["application__name", "rank", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "name"],
                condition=IN_USE,
                name=ONE_NAME,
                violation_error_message="An environment of this name already exists; retire or rename that one.",
            ),
            models.CheckConstraint(
                condition=models.Q(blue_target_group="") | ~models.Q(blue_target_group=models.F("green_target_group")),
                name="environment_two_target_groups",
                violation_error_message="Blue and green need two different target groups.",
            ),
            models.CheckConstraint(
                condition=models.Q(blue_service="") | ~models.Q(blue_service=models.F("green_service")),
                name="environment_two_services",
                violation_error_message="Blue and green need two different services.",
            ),
            PERCENTS_REPLACE,
            ONE_ENVIRONMENT_AN_ACTION,
            at_most("alarms", LONGEST_ALARMS, name="environment_alarms_length"),
            at_most("scheduled_families", LONGEST_FAMILIES, name="environment_families_length"),
            at_most("task_roles", LONGEST_ROLES, name="environment_task_roles_length"),
            at_most("more_production_rules", LONGEST_RULES, name="environment_more_rules_length"),
        ]
        permissions = [
            ("lock_environment", "Can lock and unlock an environment"),
            ("retire_environment", "Can retire an environment and bring it back"),
        ]

    def __str__(self) -> str:
        return Name(f"{self.application.slug}/{self.name}")

    @property
    def place(self) -> Place:
        """Of its events in the log."""
        return Place(chain=f"environment:{self.pk}")

    @property
    def binding(self) -> Binding:
        return Binding(region=self.region, role_arn=self.role_arn, external_id=self.external_id)

    @property
    def services(self) -> Mapping[Slot, str]:
        return {Slot.BLUE: self.blue_service, Slot.GREEN: self.green_service}

    @property
    def target_groups(self) -> Mapping[Slot, str]:
        return {Slot.BLUE: self.blue_target_group, Slot.GREEN: self.green_target_group}

    @property
    def alarm_names(self) -> tuple[str, ...]:
        return lines(self.alarms)

    @property
    def more_rule_arns(self) -> tuple[str, ...]:
        return lines(self.more_production_rules)
