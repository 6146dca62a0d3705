"""Where people answer from, and whose accounts there act as whom."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models

from deployments.catalog.models.addresses import no_credentials
from deployments.sealed import SealedTextField
from deployments.vocabulary import Word
from deployments.words import Name


class ChatKind(Word):
    SLACK = "SLACK"
    #: an outgoing webhook, to which answers are typed
    TEAMS = "TEAMS"
    #: a bot that is registered with Microsoft, whose messages have buttons
    BOT = "BOT"

    @property
    def label(self) -> str:
        return {"SLACK": "Slack", "TEAMS": "Microsoft Teams, typed", "BOT": "Microsoft Teams, a bot"}[self.value]


class ChatWorkspace(models.Model):
    name = models.CharField(max_length=60, help_text="As the pages and the log call it, such as Acme.")
    kind = models.CharField(max_length=5, choices=ChatKind.choices(), default=ChatKind.SLACK)
    place = models.CharField(
        "its ID", max_length=60, validators=[RegexValidator(r"^[A-Za-z0-9-]+$", "Letters, digits and dashes.")],
        help_text="Of Slack the workspace's, T and digits; of Teams the tenant's, as Microsoft Entra shows it.",
    )  # fmt: skip
    secret = SealedTextField(
        "signing secret", default="", db_default="",
        help_text="Of Slack the app's signing secret; of a bot in Teams the value of its client secret; of an outgoing "
        "webhook there the security token that Teams shows once. Kept sealed; left empty, it stays.",
    )  # fmt: skip
    app_id = models.CharField(
        "application ID", max_length=36, blank=True, default="", db_default="",
        validators=[RegexValidator(r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
                                   "It has 32 letters and digits, and four dashes between them.")],
        help_text="A bot in Teams only: the application (client) ID of its registration.",
    )  # fmt: skip
    bot_token = SealedTextField(
        default="", db_default="",
        help_text="Slack only (xoxb-…): with it whoever rejects gives the reason in Slack; without it on the page.",
    )  # fmt: skip
    api_url = models.URLField(
        "address of its API", default="https://slack.com/api", db_default="https://slack.com/api",
        validators=[no_credentials], help_text="Slack only: https://slack.com/api, or https://slack-gov.com/api.",
    )  # fmt: skip
    is_on = models.BooleanField(
        "believed", default=True, db_default=True, help_text="Off: nothing from there is listened to."
    )

    class Meta:
        ordering = ["name"]
        verbose_name = "chat workspace"
        constraints = [
            models.UniqueConstraint(
                fields=["name"], name="chat_workspace_unique_name",
                violation_error_message="There is a workspace of this name already; call this one otherwise.",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return Name(self.name)

    @property
    def service(self) -> str:
        """As sentences call it."""
        return "Slack" if self.kind == ChatKind.SLACK else "Teams"

    @property
    def door(self) -> str:
        """Below the site's address: where it is listened to."""
        names = {ChatKind.SLACK: "slack", ChatKind.TEAMS: "teams", ChatKind.BOT: "teams-bot"}
        return f"/chat/{names[ChatKind(self.kind)]}/{self.pk}"


class ChatAccount(models.Model):
    """Acts as its person, and as nobody else. No row: as nobody."""

    workspace = models.ForeignKey(ChatWorkspace, on_delete=models.CASCADE, related_name="accounts")
    account = models.CharField(max_length=100, help_text="The chat's own ID of it, which nobody can choose or change.")
    shown = models.CharField(max_length=100, blank=True, help_text="As the chat called it when it was bound.")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="chat_accounts")
    bound_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-bound_at", "-id"]
        verbose_name = "chat account"
        default_permissions = ("view", "delete")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "account"], name="chat_account_one_person"),
        ]

    def __str__(self) -> str:
        return f"{self.workspace.service} as {self.account} ({self.workspace})"

    @property
    def way(self) -> str:
        """By which its person decided, as the log says it."""
        if self.workspace.kind == ChatKind.BOT:
            return f"by a button in Microsoft Teams as {self.account} ({self.workspace})"
        return str(self)


class ChatPlace(models.Model):
    """A conversation that a bot is in. Messages go there once whoever reads its code has typed that on the page."""

    workspace = models.ForeignKey(ChatWorkspace, on_delete=models.CASCADE, related_name="places")
    place = models.CharField(max_length=200, help_text="The conversation's ID there.")
    service_url = models.CharField(max_length=300, help_text="Where the bot speaks to it.")
    shown = models.CharField(max_length=120, help_text="As the chat called it.")
    code_digest = models.CharField(max_length=64, blank=True, default="", db_index=True)
    code_ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["workspace", "place"], name="chat_place_once")]

    def __str__(self) -> str:
        return self.shown


class ChatRequest(models.Model):
    """A request that was taken: it is not taken again for as long as its time would be believed."""

    workspace = models.ForeignKey(ChatWorkspace, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["workspace", "digest"], name="chat_request_once"),
        ]

    def __str__(self) -> str:
        return f"{self.workspace} {self.digest[:8]}"
