"""Where an application's code is: the repository that is told of its deployments."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models

from deployments.catalog.models import Application
from deployments.telling.forge.models.connection import Forge
from deployments.telling.forge.models.resting import Resting

LONGEST_NAMES = 2_000
#: None is . or .., which would lead elsewhere in an address.
_PART = r"(?!\.{1,2}(?:/|$))[A-Za-z0-9_.][A-Za-z0-9_.-]*"


def names(text: str) -> dict[str, str]:
    """Our environments' names to the forge's. Raises ValueError with a sentence."""
    found: dict[str, str] = {}
    for line in filter(None, (line.strip() for line in text.splitlines())):
        ours, equals, theirs = (part.strip() for part in line.partition("="))
        if not (ours and equals and theirs):
            raise ValueError(f"“{line[:80]}” is no pair of names: write production = Production.")
        if ours in found or theirs in found.values():
            raise ValueError(f"“{line[:80]}” has a name that another line has already.")
        found[ours] = theirs
    return found


def _pairs(text: str) -> None:
    try:
        names(text)
    except ValueError as error:
        raise ValidationError(str(error)) from error


class ForgeRepository(Resting):
    forge = models.ForeignKey(Forge, on_delete=models.CASCADE, related_name="repositories")
    application = models.OneToOneField(Application, on_delete=models.CASCADE, related_name="forge_repository")
    repository = models.CharField(
        max_length=255, validators=[RegexValidator(rf"^(?:{_PART}(?:/{_PART})+|\d+)$", "Such as shop/storefront.")],
        help_text="shop/storefront; on GitLab the project's path or number.",
    )  # fmt: skip
    environment_names = models.TextField(
        max_length=LONGEST_NAMES, blank=True, default="", db_default="", validators=[_pairs],
        help_text="Where the forge calls an environment otherwise, a line each: production = Production.",
    )  # fmt: skip
    moved = models.BooleanField(
        default=False, db_default=False, editable=False, help_text="Whether the forge sends on to another name."
    )

    class Meta:
        ordering = ["application__name"]
        verbose_name = "repository"
        verbose_name_plural = "repositories"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.application}: {self.repository}"

    def theirs(self, environment: str) -> str:
        """As the forge calls it."""
        return names(self.environment_names).get(environment, environment)

    def ours(self, environment: str) -> str:
        """As we call what the forge calls so; "" when that is another one's name."""
        pairs = names(self.environment_names)
        back = {theirs: ours for ours, theirs in pairs.items()}
        return back.get(environment, "" if environment in pairs else environment)
