"""What starts tasks by itself in the cluster that was read: whether it belongs to the application only people know."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from deployments.aws import errors
from deployments.aws.protocol import Discovery
from deployments.aws.values import Identity
from deployments.words import counted, joined

#: More families are counted only.
MOST_NAMED = 8


def seen(gateway: Discovery, identity: Identity, columns: Mapping[str, Any], region: str) -> tuple[str, ...]:
    """A sentence with the families, and what starts them; none where nothing does, or where it may not be read."""
    cluster = columns.get("cluster", "")
    if not cluster:
        return ()
    arn = f"arn:{identity.arn.split(':')[1]}:ecs:{region}:{identity.account}:cluster/{cluster}"
    by_family: dict[str, list[str]] = {}
    with suppress(errors.Denied):
        for each in gateway.starters(arn, ()):
            by_family.setdefault(each.family, []).append(each.called)
    if not by_family:
        return ()
    named = [f"{family} (by {joined(starters)})" for family, starters in sorted(by_family.items())]
    if len(named) > MOST_NAMED:
        named = [*named[:MOST_NAMED], counted(len(named) - MOST_NAMED, "more family", "more families")]
    return (
        f"In {cluster}, tasks are started by themselves of {joined(named)}. Those that belong to this application get "
        "its releases once you name them as scheduled families.",
    )
