"""What runs in an environment although another release is recorded as live there: its shape in the row, in words."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.db import models

if TYPE_CHECKING:
    from deployments.catalog.models.environment import Environment


@dataclass(frozen=True, kw_only=True)
class Running:
    #: by what two of them are told apart: digests, or a bundle's place
    key: str
    #: such as "storefront:1.6.0", as what runs names it; "" when that is not known
    what: str = ""
    #: of the release that it is; "" = no release is
    version: str = ""
    #: since when and whose deployment, where AWS says it, in words
    since: str = ""
    by: str = ""
    #: why AWS does not show one release at all, in a sentence
    trouble: str = ""
    #: whether it is only on its way there, by a deployment that is under way
    under_way: bool = False
    #: by its name, what runs until then although another release is recorded as live; "" = that one does
    until_then: str = ""
    #: by container the image as it is deployed, pinned where it is known, so that it can be registered
    images: Mapping[str, str] | None = None

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        return cls(**document)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def name(self) -> str:
        return f"{self.version} ({self.what})" if self.version and self.what else self.version or self.what

    def sentence(self, recorded: str) -> str:
        """`recorded`: the version that is recorded as live; "" = none."""
        if self.trouble:
            return f"{self.trouble} Recorded as live is {recorded or 'nothing'}."
        if self.under_way:
            return self._brought(recorded)
        which = f"which is not {recorded}" if recorded else "which no release was recorded for"
        since = f" since {self.since}" if self.since else ""
        by = f" by {self.by}" if self.by else ""
        return f"Runs {self.name}{since}, {which}; deployed outside Tealgate{by}."

    @property
    def can_be_adopted(self) -> bool:
        return not self.trouble and not self.under_way

    def _brought(self, recorded: str) -> str:
        what, by = self.name or "Another revision", f", by {self.by}" if self.by else ""
        since = f" since {self.since}" if self.since else ""
        told = f"{what} is being deployed outside Tealgate{since}{by}."
        until = f", and until then {self.until_then} runs" if self.until_then else ""
        return f"{told} Recorded as live is {recorded or 'nothing'}{until}."


class Compared(models.Model):
    """Columns of an environment; they are no settings."""

    outside = models.JSONField(
        null=True, blank=True, editable=False, help_text="What runs there although the live release is another one."
    )
    compared_at = models.DateTimeField(
        null=True, blank=True, editable=False,
        help_text="When what runs there was last compared with the live release; null: that is due.",
    )  # fmt: skip
    compared_with = models.CharField(
        max_length=64, blank=True, default="", db_default="", editable=False,
        help_text="Of what its services and rules showed then; the same needs no second look.",
    )  # fmt: skip

    class Meta:
        abstract = True


def moment(at: datetime) -> str:
    """As `Running.since` has it: later ones are greater."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def outside(environment: "Environment") -> Running | None:
    """What runs there although another release is recorded as live."""
    return Running.from_json(environment.outside) if environment.outside else None


def sentence(environment: "Environment") -> str:
    """The same in words; "" when nothing does."""
    running = outside(environment)
    return running.sentence(environment.live_release.version if environment.live_release else "") if running else ""
