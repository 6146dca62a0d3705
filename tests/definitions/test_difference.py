"""What a release changes besides its images, in lines without secrets."""

import copy
from typing import Any

import pytest

from deployments.definitions.difference import difference

SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:shop-a1b2c3"
LIVE: dict[str, Any] = {
    "family": "shop",
    "revision": 7,
    "taskDefinitionArn": "arn:aws:ecs:eu-central-1:123456789012:task-definition/shop:7",
    "status": "ACTIVE",
    "taskRoleArn": "arn:aws:iam::123456789012:role/shop",
    "cpu": "256",
    "memory": "512",
    "volumes": [{"name": "media", "dockerVolumeConfiguration": {"driver": "local", "driverOpts": {"o": "pw=hunter2"}}}],
    "containerDefinitions": [
        {
            "name": "web",
            "image": "shop@sha256:1",
            "cpu": 0,
            "essential": True,
            "links": [],
            "portMappings": [{"containerPort": 8000, "hostPort": 8000, "protocol": "tcp"}],
            "environment": [{"name": "DEBUG", "value": "hunter2"}],
            "secrets": [{"name": "KEY", "valueFrom": f"{SECRET}:key:AWSCURRENT:"}],
            "logConfiguration": {"logDriver": "splunk", "options": {"splunk-token": "hunter2"}},
            "healthCheck": {"command": ["CMD", "true"]},
        },
        {"name": "log", "image": "fluent:1"},
    ],
}


def changed(*, container: dict[str, Any] | None = None, **members: Any) -> list[str]:
    after = {**copy.deepcopy(LIVE), **members}
    after["containerDefinitions"][0] |= container or {}
    lines = difference(LIVE, after)
    assert "hunter" not in str(lines)
    return [f"{sign} {text.strip().rstrip(',')}" for sign, text in lines if sign != " "]


@pytest.mark.parametrize(
    ("members", "lines"),
    [
        ({"memory": "1024"}, ['- "memory": "512"', '+ "memory": "1024"']),
        ({"taskRoleArn": "arn:aws:iam::1:role/b"},
         ['- "taskRoleArn": "arn:aws:iam::123456789012:role/shop"', '+ "taskRoleArn": "arn:aws:iam::1:role/b"']),
        ({"container": {"environment": [{"name": "DEBUG", "value": "hunter3"}]}},
         ['- "DEBUG"', '+ "DEBUG (another value)"']),
        ({"container": {"environment": [{"name": "DEBUG", "value": "hunter2"}, {"name": "LEVEL", "value": "hunter"}]}},
         ['- "DEBUG"', '+ "DEBUG"', '+ "LEVEL"']),
        ({"container": {"secrets": [{"name": "KEY", "valueFrom": f"{SECRET}:key:AWSPREVIOUS:"}]}},
         [f'- "KEY from {SECRET}:key:AWSCURRENT:"', f'+ "KEY from {SECRET}:key:AWSPREVIOUS:"']),
        ({"container": {"logConfiguration": {"logDriver": "splunk", "options": {"splunk-token": "hunter3"}}}},
         ['- "splunk-token"', '+ "splunk-token (another value)"']),
        ({"volumes": [{"name": "media", "dockerVolumeConfiguration": {"driver": "local", "driverOpts": {"o": "x"}}}]},
         ['- "o"', '+ "o (another value)"']),
        ({"container": {"healthCheck": {"command": ["CMD", "check"]}}}, ['- "true"', '+ "check"']),
        ({"container": {"portMappings": [{"containerPort": 3000}]}},
         ['- "containerPort": 8000', '+ "containerPort": 3000']),
    ],
)  # fmt: skip
def test_whatever_changes_is_told_and_no_value_that_may_be_secret(members: dict[str, Any], lines: list[str]) -> None:
    assert changed(**members) == lines


def test_what_aws_fills_in_by_itself_is_no_difference() -> None:
    """A file says less than DescribeTaskDefinition, and says it in another order."""
    brought = {name: LIVE[name] for name in ("family", "taskRoleArn", "cpu", "memory", "volumes")}
    first, second = copy.deepcopy(LIVE["containerDefinitions"])
    del first["cpu"], first["essential"], first["links"]
    first["portMappings"] = [{"containerPort": 8000}]

    assert difference(LIVE, {**brought, "containerDefinitions": [second, first]}) == ()


def test_a_container_that_is_gone_is_told() -> None:
    lines = difference(LIVE, {**LIVE, "containerDefinitions": LIVE["containerDefinitions"][:1]})

    assert ("-", '      "name": "log"') in lines


def test_hundreds_of_variables_under_other_names_are_compared_at_once() -> None:
    """Looking for likenesses within lines would take hours."""

    def named(prefix: str) -> dict[str, Any]:
        variables = [{"name": f"{prefix}_VARIABLE_{number}", "value": ""} for number in range(900)]
        return {**LIVE, "containerDefinitions": [{**LIVE["containerDefinitions"][0], "environment": variables}]}

    signs = [sign for sign, _ in difference(named("OLD"), named("NEW"))]

    assert (signs.count("-"), signs.count("+")) == (900, 900)
