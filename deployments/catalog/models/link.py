"""An address beside an application's deployments: its logs, a dashboard, a ticket."""

from django.core.exceptions import ValidationError
from django.db import models

from deployments.catalog.models.application import Application
from deployments.link_template import LONGEST, LinkTemplate
from deployments.words import Name


def is_template(text: str) -> None:
    """Raises ValidationError with what is wrong, and where."""
    try:
        LinkTemplate.parse(text)
    except ValueError as error:
        raise ValidationError(str(error)) from error


class Link(models.Model):
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="links")
    name = models.CharField(max_length=40, help_text="What stands on it, such as Logs.")
    template = models.TextField(
        "address",
        max_length=LONGEST,
        validators=[is_template],
        help_text="https://… with {names} in braces. Everybody who may look sees it, so no token belongs in it.",
    )
    on_board = models.BooleanField("board", default=False, db_default=False)
    on_deployment = models.BooleanField("deployment", default=True, db_default=True)
    on_gate = models.BooleanField("gate", default=True, db_default=True)

    class Meta:
        #: whoever may change the application changes its links
        default_permissions = ()
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["application", "name"], name="link_unique_in_application")]

    def __str__(self) -> str:
        return Name(self.name)
