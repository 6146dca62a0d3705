"""Which image addresses are Amazon ECR's, in every partition that botocore knows."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Self

from botocore.loaders import create_loader

_HOST = re.compile(
    r"(?P<account>[0-9]{12})\.dkr(?P<form>[.-])ecr(?:-fips)?\.(?P<region>[a-z0-9-]{1,32})\.(?P<suffix>[a-z0-9.-]{1,64})"
)


@dataclass(frozen=True, kw_only=True)
class EcrAddress:
    """A private repository: `account` of 12 digits, `repository` without host, tag and digest."""

    account: str
    region: str
    repository: str

    @classmethod
    def parse(cls, image: str) -> Self | None:
        """From host/name with or without tag and digest; None when its host is not ECR's."""
        host, _, rest = image.partition("/")
        repository = rest.partition("@")[0].partition(":")[0]
        found = _HOST.fullmatch(host)
        if not repository or not found or found["suffix"] != _suffix(found["region"], found["form"]):
            return None
        return cls(account=found["account"], region=found["region"], repository=repository)


def _suffix(region: str, form: str) -> str:
    """What follows the region: dkr.ecr is in the partition's own domain, dkr-ecr is dual-stack and in another."""
    partition = _partition_of(region)
    if form == ".":
        return partition.suffix
    # botocore names the dual-stack domain of APIs, api.aws; registries are beside it in on.aws.
    return "on." + partition.dual_stack_suffix.removeprefix("api.")


@dataclass(frozen=True, kw_only=True)
class _Partition:
    regions: re.Pattern[str]
    suffix: str
    dual_stack_suffix: str


def _partition_of(region: str) -> _Partition:
    """As botocore decides it: a region that no partition claims is a new one of the commercial partition."""
    known = _partitions()
    return next((each for each in known if each.regions.match(region)), known[0])


@cache
def _partitions() -> tuple[_Partition, ...]:
    """The commercial one first."""
    found = sorted(create_loader().load_data("partitions")["partitions"], key=lambda each: each["id"] != "aws")
    return tuple(
        _Partition(
            regions=re.compile(each["regionRegex"]),
            suffix=each["outputs"]["dnsSuffix"],
            dual_stack_suffix=each["outputs"]["dualStackDnsSuffix"],
        )
        for each in found
    )
