"""A smoke check as a deployment is decided on: what is asked, what is sent with it, and what has to come back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from deployments.members import known
from deployments.words import joined


@dataclass(frozen=True, kw_only=True)
class SmokeSpec:
    path: str
    expected_status: int = 200
    contains: str = ""
    timeout_seconds: int = 5
    #: names and values, in the order in which they were given
    headers: tuple[tuple[str, str], ...] = ()
    #: those that stay at the test address
    follow_redirects: bool = False

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Those frozen by an earlier release send nothing of their own."""
        headers = tuple((name, value) for name, value in data.get("headers", ()))
        return cls(**{**known(cls, data), "headers": headers})

    @property
    def sent(self) -> str:
        """What goes with the request beyond its path, in words; "" for nothing."""
        said = joined([f"{name}: {value}" for name, value in self.headers])
        followed = "redirects followed" if self.follow_redirects else ""
        return ", ".join(part for part in (f"with {said}" if said else "", followed) if part)

    @property
    def sentence(self) -> str:
        text = f" and the text “{self.contains}”" if self.contains else ""
        sent = f" {self.sent}," if self.sent else ""
        return f"GET {self.path}{sent} has to answer {self.expected_status}{text}"
