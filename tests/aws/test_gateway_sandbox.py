"""The gateway against AWS's own API on loopback: what stubs cannot show, such as an answer that never comes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deployments.aws import actions, errors
from deployments.aws.gateway import BotoGateway
from deployments.aws.sessions import Clients
from deployments.aws.values import Binding
from sandbox.server import Sandbox
from sandbox.world import LISTENER_PORTS

pytestmark = pytest.mark.flow


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(scale=50, listener_ports=dict.fromkeys(LISTENER_PORTS, 0), applications=["storefront"]) as running:
        yield running


@pytest.fixture
def account(sandbox: Sandbox) -> Iterator[dict[str, Any]]:
    yield sandbox.control.world
    sandbox.faults.clear()


@pytest.fixture
def gateway(sandbox: Sandbox, account: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> BotoGateway:
    monkeypatch.setenv("AWS_ENDPOINT_URL", sandbox.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    binding = Binding(
        region=account["region"], role_arn=account["roles"]["deployer"], external_id=account["external_id"]
    )
    return BotoGateway(Clients(binding))


@pytest.fixture
def staging(account: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = account["environments"]["staging"]
    return found


def test_a_seeded_environment_can_be_read_in_full(
    gateway: BotoGateway, account: dict[str, Any], staging: dict[str, Any]
) -> None:
    names = {slot: arn.rsplit("/", 1)[-1] for slot, arn in staging["services"].items()}
    services = gateway.services(account["cluster"], [*names.values(), "nobody"])
    groups = gateway.target_groups(staging["target_groups"].values())
    now = datetime.now(UTC)

    assert set(services) == set(names.values())
    assert services[names["blue"]].target_groups == (staging["target_groups"]["blue"],)
    assert groups[staging["target_groups"]["blue"]].load_balancer_arns == (staging["load_balancer"],)
    assert gateway.rule(staging["production_rule"]).live == (staging["target_groups"]["blue"],)
    assert set(gateway.alarms([*staging["alarms"], "nobody"])) == set(staging["alarms"])
    assert gateway.task_definition(services[names["blue"]].task_definition).container(account["container"])
    assert gateway.image(account["repository_uri"], "1.6.0").platforms == ("linux/amd64", "linux/arm64")
    assert gateway.image(account["repository_uri"], "1.4.0").platforms == ("linux/arm64",)
    assert abs(gateway.identity(datetime.now(UTC)).clock_offset) < 5
    assert set(
        gateway.traffic(
            load_balancer=staging["load_balancer"], target_groups=groups, since=now - timedelta(minutes=5), until=now
        )
    ) == set(groups)


def test_a_write_whose_answer_is_lost_is_not_sent_again(
    sandbox: Sandbox, gateway: BotoGateway, account: dict[str, Any]
) -> None:
    definition = gateway.task_definition(account["task_definition"])
    register = actions.RegisterTaskDefinition(document=definition.document, tags={"tealgate:deployment": "41"})
    sandbox.faults.add("lost_response", operation="RegisterTaskDefinition", times=1)

    with pytest.raises(errors.Unavailable):
        gateway.perform(register)

    found = gateway.registered_by(definition.family, ("tealgate:deployment", "41"))
    assert found and found.revision == definition.revision + 1


def test_a_read_whose_answer_is_lost_is_asked_again(
    sandbox: Sandbox, gateway: BotoGateway, staging: dict[str, Any]
) -> None:
    sandbox.faults.add("lost_response", operation="DescribeRules", times=1)

    assert gateway.rule(staging["production_rule"]).forwards


def test_weights_whose_answer_was_lost_are_found_written(
    sandbox: Sandbox, gateway: BotoGateway, staging: dict[str, Any]
) -> None:
    blue, green = (staging["target_groups"][slot] for slot in ("blue", "green"))
    before = gateway.rule(staging["test_rule"]).weights
    shift = actions.SetWeights(rule=staging["test_rule"], weights={blue: 90, green: 10}, expected=before)
    sandbox.faults.add("lost_response", operation="ModifyRule", times=1)

    with pytest.raises(errors.Unavailable):
        gateway.perform(shift)

    assert gateway.perform(shift) == actions.Made()
    assert gateway.rule(staging["test_rule"]).share(green) == 10


def test_a_throttled_write_is_told_as_such(
    sandbox: Sandbox, gateway: BotoGateway, account: dict[str, Any], staging: dict[str, Any]
) -> None:
    sandbox.faults.add("throttle", operation="UpdateService", times=1)

    with pytest.raises(errors.Throttled):
        gateway.perform(
            actions.UpdateService(cluster=account["cluster"], service=staging["services"]["green"], desired=0)
        )


def test_a_wrong_external_id_is_denied(sandbox: Sandbox, gateway: BotoGateway, account: dict[str, Any]) -> None:
    wrong = Binding(region=account["region"], role_arn=account["roles"]["deployer"], external_id="wrong")

    with pytest.raises(errors.Denied) as caught:
        BotoGateway(Clients(wrong)).identity(datetime.now(UTC))
    assert caught.value.operation == "AssumeRole"
