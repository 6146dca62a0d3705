"""An environment or an application whose stack is gone: nothing is done with it any more, and its history stays."""

from collections.abc import Collection

from django.conf import settings
from django.db import models

#: What boards, choosers and looks go by.
IN_USE = models.Q(retired_at__isnull=True)
#: Of several of one name the one in use comes first, then the one that was retired last.
IN_USE_FIRST = models.F("retired_at").desc(nulls_first=True)
LONGEST_REASON = 200


class Retirable(models.Model):
    """Its name is unique among those in use only; what tells of it names it by its number."""

    retired_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False,
    )  # fmt: skip
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)
    retired_reason = models.CharField(max_length=LONGEST_REASON, blank=True, default="", db_default="", editable=False)

    class Meta:
        abstract = True

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None

    @property
    def retired_sentence(self) -> str:
        """Who retired it, when and why; "" while it is in use."""
        if self.retired_at is None:
            return ""
        by = f" by {self.retired_by.get_username()}" if self.retired_by else ""
        reason = self.retired_reason.rstrip(".")
        return f"{self} was retired{by} at {self.retired_at:%Y-%m-%d %H:%M} UTC: {reason}."

    @property
    def retired_refusal(self) -> str:
        """The same with the next step, for whoever wants to do something with it."""
        return f"{self.retired_sentence} Bring it back on its page first." if self.is_retired else ""

    @property
    def told_apart(self) -> str:
        """In lists of all: another one may have its name by now."""
        return f"{self} (retired {self.retired_at:%Y-%m-%d})" if self.retired_at else str(self)

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """Forms leave out what they do not show, and would leave out the rule of the name with it."""
        super().validate_constraints(exclude=set(exclude or ()) - {"retired_at"})
