"""What of a service has to be the same, so that an earlier preflight's word is trusted, and what changes by itself."""

from dataclasses import fields, replace
from typing import Any

import pytest

from deployments.aws.values import Service
from deployments.swaps.rolling import earlier
from deployments.vocabulary import Stage
from tests.fakes.aws import API, FakeGateway
from tests.swaps.cases import NOON
from tests.swaps.rolling_cases import at, service

LIVE = FakeGateway.single().task_definitions[API.task_definition()]
#: Set by its owner; a new field of Service belongs here or among those of the moment.
LASTING = {
    "name", "arn", "status", "controller", "strategy", "scheduling", "target_groups", "container_name",
    "container_port", "launch_type", "subnets", "security_groups", "assign_public_ip", "capacity_provider_strategy",
    "platform_version", "propagate_tags", "managed_tags", "volume_configurations", "registries", "service_connect",
    "grace_period_seconds", "minimum_healthy_percent", "maximum_percent", "alternate_target_group", "production_rule",
    "test_rule", "infrastructure_role", "deployment_configuration", "managed_by", "lattice", "zone_rebalancing",
}  # fmt: skip


def fingerprint(shown: Service) -> str:
    return earlier._fingerprint(at(Stage.RECONCILE_SERVICE), shown, LIVE)


def test_each_thing_that_ecs_shows_of_a_service_is_lasting_or_of_the_moment() -> None:
    assert {each.name for each in fields(Service)} == LASTING | set(earlier._OF_THE_MOMENT)
    assert not LASTING & set(earlier._OF_THE_MOMENT)


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"started_tasks_at": NOON, "starts": ((NOON, 2),), "draining_since": NOON, "protected_since": NOON}, True),
        ({"desired": 9, "events": ("(service api) has started 2 tasks",)}, True),
        ({"deployment_configuration": {"earlySuccessCriteria": {"enable": True}}}, False),
        ({"target_groups": ()}, False),
    ],
)
def test_what_a_deployment_changes_by_itself_is_no_reason_to_ask_everything_again(
    change: dict[str, Any], same: bool
) -> None:
    assert (fingerprint(replace(service(), **change)) == fingerprint(service())) is same
