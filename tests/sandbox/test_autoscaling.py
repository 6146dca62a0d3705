from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from sandbox import autoscaling
from tests.sandbox.load_balancing import balanced

TARGET = {
    "ServiceNamespace": "ecs",
    "ResourceId": "service/main/web",
    "ScalableDimension": "ecs:service:DesiredCount",
}


@pytest.fixture
def client() -> Iterator[Any]:
    with balanced() as world:
        installed = autoscaling.install(lambda account, region, cluster, service: (cluster, service) == ("main", "web"))
        yield world.client("application-autoscaling")
        installed.close()


def suspended(client: Any) -> dict[str, bool]:
    found = client.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=["service/main/web"])
    state: dict[str, bool] = found["ScalableTargets"][0]["SuspendedState"]
    return state


def test_nothing_is_suspended_at_first(client: Any) -> None:
    client.register_scalable_target(**TARGET, MinCapacity=1, MaxCapacity=4)

    assert set(suspended(client).values()) == {False}


def test_one_flag_is_changed_without_touching_the_others(client: Any) -> None:
    client.register_scalable_target(**TARGET, MinCapacity=1, MaxCapacity=4)
    client.register_scalable_target(**TARGET, SuspendedState={"DynamicScalingInSuspended": True})
    client.register_scalable_target(**TARGET, SuspendedState={"ScheduledScalingSuspended": True})

    assert suspended(client) == {
        "DynamicScalingInSuspended": True,
        "DynamicScalingOutSuspended": False,
        "ScheduledScalingSuspended": True,
    }


def test_changing_a_capacity_keeps_what_is_suspended(client: Any) -> None:
    client.register_scalable_target(
        **TARGET, MinCapacity=1, MaxCapacity=4, SuspendedState={"DynamicScalingOutSuspended": True}
    )
    client.register_scalable_target(**TARGET, MaxCapacity=8)

    assert suspended(client)["DynamicScalingOutSuspended"]


def test_a_service_that_does_not_exist_is_refused(client: Any) -> None:
    other = {**TARGET, "ResourceId": "service/main/other"}

    with pytest.raises(ClientError, match="ECS service doesn't exist: service/main/other"):
        client.register_scalable_target(**other, MinCapacity=1, MaxCapacity=4)


def test_a_scalable_target_keeps_its_tags(client: Any) -> None:
    given = {"Project": "shop", "Team": "web"}
    arn = client.register_scalable_target(**TARGET, MinCapacity=1, MaxCapacity=4, Tags=given)["ScalableTargetARN"]

    client.tag_resource(ResourceARN=arn, Tags={"Stage": "production"})
    client.untag_resource(ResourceARN=arn, TagKeys=["Team"])

    assert client.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"Project": "shop", "Stage": "production"}


def test_what_is_no_scalable_target_has_no_tags(client: Any) -> None:
    with pytest.raises(ClientError) as refused:
        client.list_tags_for_resource(
            ResourceARN="arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/0"
        )

    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_nothing_was_scaled_and_that_can_be_asked(client: Any) -> None:
    client.register_scalable_target(**TARGET, MinCapacity=1, MaxCapacity=4)

    assert client.describe_scaling_activities(**TARGET)["ScalingActivities"] == []
    with pytest.raises(ClientError, match="must also specify a resource ID"):
        client.describe_scaling_activities(ServiceNamespace="ecs", ScalableDimension="ecs:service:DesiredCount")
    with pytest.raises(client.exceptions.InvalidNextTokenException):
        client.describe_scaling_activities(ServiceNamespace="ecs", NextToken="mine")
