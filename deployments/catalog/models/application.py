from django.core.validators import RegexValidator
from django.db import models

from deployments.record.append import Place


class Application(models.Model):
    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=60, unique=True)
    description = models.TextField(blank=True)
    repository_url = models.URLField("repository URL", blank=True)
    registries = models.TextField(
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

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> Place:
        """Of its events in the log."""
        return Place(chain=f"application:{self.pk}")

    @property
    def registry_hosts(self) -> tuple[str, ...]:
        return ("docker.io", *(line.strip() for line in self.registries.splitlines() if line.strip()))
