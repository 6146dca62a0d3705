"""A connection to a forge: where its API is, and who Tealgate is there."""

from django.core.validators import RegexValidator
from django.db import models

from deployments.catalog.models.addresses import no_credentials
from deployments.catalog.models.answering import AnsweredWhen
from deployments.sealed import SealedTextField
from deployments.telling.forge.models.resting import Resting
from deployments.vocabulary import Word
from deployments.words import Name


class ForgeKind(Word):
    GITHUB_APP = "GITHUB_APP"
    GITHUB_TOKEN = "GITHUB_TOKEN"  # noqa: S105 - a kind of connection, not a secret
    GITLAB = "GITLAB"

    @property
    def label(self) -> str:
        return {
            "GITHUB_APP": "GitHub, as an app",
            "GITHUB_TOKEN": "GitHub, by a fine-grained token",
            "GITLAB": "GitLab, by a project or group access token",
        }[self.value]


class Forge(Resting):
    name = models.CharField(max_length=60, help_text="As the pages and the log call it, such as GitHub.")
    kind = models.CharField(max_length=12, choices=ForgeKind.choices(), default=ForgeKind.GITHUB_APP)
    api_url = models.URLField(
        "address of its API", default="https://api.github.com", validators=[no_credentials],
        help_text="https://api.github.com; https://HOST/api/v3 of GitHub Enterprise Server; https://gitlab.com/api/v4.",
    )  # fmt: skip
    app_id = models.CharField(
        "app ID", max_length=60, blank=True, validators=[RegexValidator(r"^[A-Za-z0-9.]+$", "Letters and digits.")],
        help_text="Of the app: its number, or its client ID.",
    )  # fmt: skip
    installation_id = models.CharField(
        "installation ID", max_length=20, blank=True, validators=[RegexValidator(r"^\d+$", "Digits only.")],
        help_text="The number at the end of the address of the app's installation.",
    )  # fmt: skip
    secret = SealedTextField(
        "private key or token", default="", db_default="",
        help_text="The app's private key (the .pem file, whole), or the token. Kept sealed; left empty, it stays.",
    )  # fmt: skip
    webhook_secret = SealedTextField(
        default="", db_default="",
        help_text="Of the app's webhook, for jobs that wait for a gate here. Kept sealed; left empty, it stays.",
    )  # fmt: skip
    answered_when = models.CharField(
        "a job may go on", max_length=5, choices=AnsweredWhen.choices(), default=AnsweredWhen.END,
        help_text="When a job of GitHub Actions that waits for a deployment is approved.",
    )  # fmt: skip

    class Meta:
        ordering = ["name"]
        verbose_name = "forge"
        constraints = [
            models.UniqueConstraint(
                fields=["name"], name="forge_unique_name",
                violation_error_message="There is a forge of this name already; call this one otherwise.",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return Name(self.name)

    @property
    def is_github(self) -> bool:
        return self.kind != ForgeKind.GITLAB
