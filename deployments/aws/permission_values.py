"""What IAM is asked about our own role, and what it says."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Question:
    """May we do this on each of these? `context` are condition keys and their values."""

    action: str
    resources: tuple[str, ...] = ("*",)
    context: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Permission:
    action: str
    resource: str
    #: allowed, explicitDeny, implicitDeny
    decision: str
    #: when IAM said so
    asked_at: datetime | None = None
    #: condition keys that policies go by and that were not given, such as aws:SourceVpce
    missing_context: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        return self.decision == "allowed"
