"""Cloud Map namespaces, as ECS looks for them: moto's records."""

from typing import Any

from moto.servicediscovery.models import servicediscovery_backends

from sandbox.account import ACCOUNT


def namespace_arn(region: str, name_or_arn: str) -> str | None:
    """None when there is no such namespace."""
    found = (each for each in _backend(region).namespaces.values() if name_or_arn in (each.name, each.arn))
    return next((str(each.arn) for each in found), None)


def make_namespace(region: str, name: str) -> str:
    """ARN of a new one that only API calls discover, as ECS makes it."""
    _backend(region).create_http_namespace(name, "", "", [])
    made = namespace_arn(region, name)
    assert made is not None
    return made


def _backend(region: str) -> Any:
    return servicediscovery_backends[ACCOUNT][region]
