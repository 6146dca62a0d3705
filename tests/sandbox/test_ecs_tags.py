"""How many tags a resource may have, and which."""

from typing import Any

import pytest

from sandbox.server import Sandbox
from tests.sandbox.shop import CLUSTER, created, network, registered


def many(count: int) -> list[dict[str, str]]:
    return [{"key": f"k{number}", "value": "v"} for number in range(count)]


def test_a_51st_tag_is_refused_wherever_tags_are_given(ecs: Any, sandbox: Sandbox) -> None:
    refused = pytest.raises(ecs.exceptions.InvalidParameterException, match="at most 50 tags, and 51 were given")
    with refused:
        registered(ecs, "1.0.0", tags=many(51))
    with refused:
        created(ecs, sandbox, tags=many(51))
    with refused:
        ecs.create_cluster(clusterName="tagged", tags=many(51))
    with refused:
        ecs.run_task(
            cluster=CLUSTER,
            taskDefinition="storefront:1",
            launchType="FARGATE",
            networkConfiguration=network(sandbox),
            tags=many(51),
        )
    arn = registered(ecs, "1.0.0", tags=many(50))
    ecs.tag_resource(resourceArn=arn, tags=[{"key": "k1", "value": "other"}])
    with refused:
        ecs.tag_resource(resourceArn=arn, tags=[{"key": "one more", "value": ""}])

    tags = ecs.list_tags_for_resource(resourceArn=arn)["tags"]
    assert len(tags) == 50
    assert {"key": "k1", "value": "other"} in tags
    assert "tagged" not in str(ecs.list_clusters()["clusterArns"])


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        ([{"key": "aws:stack", "value": "x"}], "reserved for AWS"),
        ([{"key": "a", "value": "1"}, {"key": "a", "value": "2"}], "Duplicate tag keys found: a"),
        ([{"key": "k" * 129, "value": ""}], "1 to 128 characters"),
        ([{"key": "a", "value": "<b>"}], "characters other than"),
    ],
)
def test_a_tag_that_aws_would_refuse_is_refused(ecs: Any, tags: list[dict[str, str]], words: str) -> None:
    with pytest.raises(ecs.exceptions.InvalidParameterException, match=words):
        registered(ecs, "1.0.0", tags=tags)
