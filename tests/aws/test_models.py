"""The models that clients are made of are botocore's own, of what is asked and nothing else."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.loaders import create_loader

from deployments.aws import models

ROOM = Path(models.__file__).parent
#: botocore's own, to assume a role
CREDENTIALS = {("sts", "AssumeRole"), ("sts", "AssumeRoleWithWebIdentity")}


def test_what_is_asked_of_aws_is_what_there_are_models_of() -> None:
    listed = {(service, name) for service, names in models.OPERATIONS.items() for name in names}

    assert set(_asked()) | CREDENTIALS == listed


def test_what_takes_settings_of_an_owner_whole_is_not_among_them() -> None:
    """A client has no method that could overwrite a deployment group, a target group or a scaling policy."""
    written = {name for names in models.OPERATIONS.values() for name in names}
    whole = {"UpdateDeploymentGroup", "ModifyTargetGroup", "ModifyTargetGroupAttributes", "PutScalingPolicy"}

    assert not written & whole


@pytest.mark.parametrize("service", models.OPERATIONS)
def test_a_model_says_of_what_is_asked_all_that_botocore_says_but_its_manual(service: str) -> None:
    lean = models.loader().load_service_model(service, "service-2")
    whole = create_loader().load_service_model(service, "service-2")

    assert lean["metadata"] == whole["metadata"]
    assert set(lean["operations"]) == models.OPERATIONS[service]
    for name, operation in lean["operations"].items():
        theirs = whole["operations"][name]
        assert operation == _without_manual(theirs)
        _compare(lean["shapes"], whole["shapes"], [part["shape"] for part in _named(theirs)])
    assert len(str(lean)) < len(str(whole)) / 2


@pytest.mark.parametrize("service", ["codedeploy", "ec2", "ecs"])
def test_its_pages_are_read_as_botocore_reads_them(service: str) -> None:
    lean = models.loader().load_service_model(service, "paginators-1")["pagination"]
    whole = create_loader().load_service_model(service, "paginators-1")["pagination"]

    ours = models.OPERATIONS[service] & set(whole)
    assert {name: lean[name] for name in ours} == {name: whole[name] for name in ours} != {}


def test_services_that_botocore_asks_for_credentials_are_whole() -> None:
    for service in ("sso", "sso-oidc"):
        assert models.loader().load_service_model(service, "service-2") == create_loader().load_service_model(
            service, "service-2"
        )


def _asked() -> Iterator[tuple[str, str]]:
    for path in ROOM.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("call", "pages")
            ):
                service, operation = node.args[:2]
                assert isinstance(service, ast.Constant) and isinstance(operation, ast.Constant), ast.unparse(node)
                yield str(service.value), str(operation.value)


def _named(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (operation[name] for name in ("input", "output") if name in operation)
    yield from operation.get("errors", ())


def _compare(lean: dict[str, Any], whole: dict[str, Any], waiting: list[str]) -> None:
    """Each shape by its name, and those that it is made of."""
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        assert lean[name] == _without_manual(whole[name])
        shape = whole[name]
        inner = [
            *shape.get("members", {}).values(),
            *(shape[part] for part in ("member", "key", "value") if part in shape),
        ]
        waiting += [part["shape"] for part in inner]


def _without_manual(part: Any) -> Any:
    """Texts only: a member may be called so, and then it is a shape."""
    if isinstance(part, list):
        return [_without_manual(each) for each in part]
    if not isinstance(part, dict):
        return part
    return {
        name: _without_manual(value)
        for name, value in part.items()
        if not (name in ("documentation", "documentationUrl") and isinstance(value, str))
    }
