"""The noun: a gateway, and the clusters that may use it."""

from dataclasses import dataclass, field
from datetime import datetime

from sandbox.ecs.model import Json


@dataclass
class Gateway:
    name: str
    arn: str
    role: str
    configuration: Json
    created_at: datetime
    clusters: set[str] = field(default_factory=set)

    @property
    def access_type(self) -> str:
        return "PRIVATE" if self.configuration.get("scheme") == "internal" else "PUBLIC"
