from django.core.validators import RegexValidator
from django.db import models

from deployments.catalog.models.addresses import no_credentials
from deployments.catalog.models.retiring import IN_USE, Retirable
from deployments.record.append import Place
from deployments.record.lengths import at_most
from deployments.words import Name

LONGEST_TEXT = 2_000
#: name of the constraint
ONE_SLUG = "application_slug_unique"


class Application(Retirable):
    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=60)
    description = models.TextField(max_length=LONGEST_TEXT, blank=True)
    repository_url = models.URLField("repository URL", blank=True, validators=[no_credentials])
    registries = models.TextField(
        max_length=LONGEST_TEXT,
        blank=True,
        help_text="Registry hosts that releases may come from, one a line, such as ghcr.io. "
        "Amazon ECR and docker.io are always allowed.",
    )
    registry_secret = models.CharField(
        max_length=60,
        blank=True,
        validators=[RegexValidator(r"^[A-Z][A-Z0-9_]*$", "Capital letters, digits and underscores.")],
        help_text="Name of a private registry's secret: GHCR stands for the setting REGISTRY_SECRET_GHCR.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["slug"],
                condition=IN_USE,
                name=ONE_SLUG,
                violation_error_code="unique",
                violation_error_message="An application with this slug already exists; retire that one first.",
            ),
            at_most("description", LONGEST_TEXT, name="application_description_length"),
            at_most("registries", LONGEST_TEXT, name="application_registries_length"),
        ]
        permissions = [("retire_application", "Can retire an application and bring it back")]

    def __str__(self) -> str:
        return Name(self.name)

    @property
    def place(self) -> Place:
        """Of its events in the log."""
        return Place(chain=f"application:{self.pk}")

    @property
    def registry_hosts(self) -> tuple[str, ...]:
        return ("docker.io", *(line.strip() for line in self.registries.splitlines() if line.strip()))
