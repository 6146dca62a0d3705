"""Clusters and their container instances. Plain data."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]


def utcnow() -> datetime:
    return datetime.now(UTC)


@dataclass
class Cluster:
    name: str
    arn: str
    settings: list[Json] = field(default_factory=list)
    capacity_providers: list[str] = field(default_factory=list)
    default_strategy: list[Json] = field(default_factory=list)
    body: Json = field(default_factory=dict)  # configuration and serviceConnectDefaults as AWS shows them
    status: str = "ACTIVE"


@dataclass
class ContainerInstance:
    arn: str
    cluster: Cluster
    ec2_instance_id: str
    ip: str
    cpu: int
    memory: int
    has_agent: bool = False  # on an EC2 instance, which it ends with; otherwise somebody registered it
    registered_at: datetime = field(default_factory=utcnow)
    status: str = "ACTIVE"
    attributes: dict[str, str] = field(default_factory=dict)  # value by name, empty for one without
