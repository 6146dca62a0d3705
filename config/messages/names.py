"""Which places of a message hold what somebody or something is called: there a name stands as it was typed.

Of a release that is called "Successful" nobody is told that it is "성공". The code's words tell it: what ends in
`.version` or `.get_username()` is a name, what ends in `.status` is none. In a catalog its first place then has the
flag `name-0`.
"""

import re
from collections.abc import Iterable

_PATH = re.compile(r"(?:\w+(?:\[\d+\])?\.)*(\w+)(?:\(\))?")
_CALLED = frozenset({
    "account", "actor", "application", "arn", "channel", "cluster", "codedeploy_application", "codedeploy_group",
    "container", "container_name", "environment", "family", "forge", "get_username", "group", "host",
    "load_balancer", "name", "owner", "person", "person_name", "principal", "registry", "release", "repository",
    "requested_by", "requested_through", "requester", "service_name", "slug", "source_version", "subscription",
    "token", "told_apart", "trust", "user", "username", "version", "webhook", "workspace",
})  # fmt: skip
_FLAG = "name-"


def flags(occurrences: Iterable[tuple[str, ...]]) -> list[str]:
    """Of one message, by the expressions of its places wherever it is said: a name everywhere, else none."""
    return [
        f"{_FLAG}{place}"
        for place, expressions in enumerate(zip(*occurrences, strict=False))
        if all(map(is_name, expressions))
    ]


def places(flags: Iterable[str]) -> list[int]:
    return [int(flag.removeprefix(_FLAG)) for flag in flags if flag.startswith(_FLAG)]


def is_name(expression: str) -> bool:
    found = _PATH.fullmatch(expression)
    return found is not None and found[1] in _CALLED
