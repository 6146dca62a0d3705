"""A family of task definitions that rules and schedules start, as an environment names it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from deployments.members import known

_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
LIKE = "Name one a line, such as cron; or cron: job=web, where its container job gets the image of the release's web"


@dataclass(frozen=True, kw_only=True)
class ScheduledSpec:
    """`images`: container of it to the container of the release whose image it gets; empty: `definitions.scheduled`."""

    family: str
    images: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        return cls(**known(cls, data))


def parse(text: str) -> tuple[ScheduledSpec, ...]:
    """Families, one a line: "cron", or "cron: job=web, proxy=nginx". Raises ValueError, a sentence."""
    found: dict[str, ScheduledSpec] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        family, colon, rest = (part.strip() for part in line.partition(":"))
        if not _NAME.fullmatch(family) or bool(colon) != ("=" in rest):
            raise ValueError(f"“{line}” is no family of task definitions without its revision. {LIKE}.")
        if family in found:
            raise ValueError(f"The family {family} is named twice.")
        found[family] = ScheduledSpec(family=family, images=_images(rest))
    return tuple(found.values())


def _images(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in filter(None, map(str.strip, text.split(","))):
        container, _, source = (part.strip() for part in pair.partition("="))
        if not (_NAME.fullmatch(container) and _NAME.fullmatch(source)):
            raise ValueError(f"“{pair}” gives no container an image. {LIKE}.")
        if container in found:
            raise ValueError(f"The container {container} is named twice.")
        found[container] = source
    return found
