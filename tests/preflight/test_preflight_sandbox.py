"""Preflight against AWS's own API on loopback: what a person reads when the account is not as it should be.

Each test gets an account of its own to break.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest

from deployments import preflight
from deployments.aws.gateway import BotoGateway
from deployments.aws.sessions import Clients
from deployments.preflight.report import Level, Report
from deployments.values import Artefact, EnvironmentSettings
from sandbox.server import Sandbox
from sandbox.world import LISTENER_PORTS
from tests.preflight.world import error, unknown


@dataclass
class Shop:
    """The seeded production environment, as Tealgate and as its administrator see it."""

    sandbox: Sandbox

    @property
    def account(self) -> dict[str, Any]:
        return self.sandbox.control.world

    @property
    def production(self) -> dict[str, Any]:
        found: dict[str, Any] = self.account["environments"]["production"]
        return found

    def client(self, service: str) -> Any:
        return boto3.client(service, endpoint_url=self.sandbox.url, region_name=self.account["region"])

    def settings(self, **changes: Any) -> EnvironmentSettings:
        groups, services = self.production["target_groups"], self.production["services"]
        usual = EnvironmentSettings(
            label="storefront/production",
            controller="SERVICE_PAIR",
            region=self.account["region"],
            role_arn=self.account["roles"]["deployer"],
            external_id=self.account["external_id"],
            account_id=self.account["account"],
            cluster=self.account["cluster"],
            container_name=self.account["container"],
            container_port=self.account["port"],
            blue_service=services["blue"].rsplit("/", 1)[-1],
            green_service=services["green"].rsplit("/", 1)[-1],
            blue_target_group=groups["blue"],
            green_target_group=groups["green"],
            production_rule=self.production["production_rule"],
            test_rule=self.production["test_rule"],
            alarms=tuple(self.production["alarms"]),
        )
        return replace(usual, **changes)

    def release(self, version: str) -> Artefact:
        """As it is registered: resolved by the gateway."""
        reference = f"{self.account['repository_uri']}:{version}"
        image = self.gateway(self.settings()).image(self.account["repository_uri"], version)
        return Artefact(
            version=version,
            images={"web": image.pinned},
            platforms={"web": image.platforms},
            references={"web": reference},
        )

    def gateway(self, settings: EnvironmentSettings) -> BotoGateway:
        return BotoGateway(Clients(settings.binding))

    def look(self, version: str = "1.1.0", **changes: Any) -> Report:
        settings = self.settings(**changes)
        return preflight.run(settings, self.release(version), self.gateway(settings), datetime.now(UTC))


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    any_port = dict.fromkeys(LISTENER_PORTS, 0)
    with Sandbox(scale=60, listener_ports=any_port) as sandbox:
        monkeypatch.setenv("AWS_ENDPOINT_URL", sandbox.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "developer")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "developer")
        yield Shop(sandbox)


def eventually(what: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, f"still not so after {seconds} s"
        time.sleep(0.1)


def set_weights(shop: Shop, weights: dict[str, int]) -> None:
    groups = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in weights.items()]
    action = {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}
    shop.client("elbv2").modify_rule(RuleArn=shop.production["production_rule"], Actions=[action])


def test_the_seeded_environment_is_ready_to_be_deployed_to(shop: Shop) -> None:
    gateway = shop.gateway(shop.settings())
    blue = shop.production["target_groups"]["blue"]
    eventually(lambda: [each.state for each in gateway.target_health(blue)] == ["healthy", "healthy"])

    report = shop.look()

    assert report.of(Level.ERROR, Level.UNKNOWN) == ()
    # True of every pair that Tealgate has not deployed to yet: it suspends the idle slot's scaling itself.
    assert [result.check for result in report.of(Level.WARNING)] == ["scaling-suspended"]


def test_an_arm64_image_is_explained_with_the_build_command(shop: Shop) -> None:
    sentence = error(shop.look("1.4.0"), "image-architecture")

    assert "The image of container web was built for linux/arm64" in sentence
    assert "every task would stop with `exec format error`" in sentence
    assert "docker buildx build --platform linux/amd64" in sentence


# moto says so of every error that a service's model does not name, as AWS's own AccessDenied.
@pytest.mark.filterwarnings("ignore:Exception.AccessDenied. with code AccessDenied")
def test_a_wrong_external_id_is_told_as_a_role_that_cannot_be_assumed(shop: Shop) -> None:
    settings = shop.settings(external_id="somebody-elses")

    report = preflight.run(settings, shop.release("1.1.0"), shop.gateway(settings), datetime.now(UTC))

    sentence = error(report, "access-role")
    assert f"The role {settings.role_arn} cannot be assumed: AWS answered" in sentence
    assert "AccessDenied" in sentence
    assert "sts:ExternalId somebody-elses as in the environment" in sentence
    assert "Not looked at" in unknown(report, "services")


def test_two_live_slots_are_told_with_their_weights(shop: Shop) -> None:
    groups = shop.production["target_groups"]
    set_weights(shop, {groups["blue"]: 90, groups["green"]: 10})

    assert (
        "Both slots are live: the production rule's weights are storefront-production-blue 90, "
        "storefront-production-green 10." in error(shop.look(), "live-slot")
    )


def test_a_target_group_that_is_not_attached_is_told(shop: Shop) -> None:
    set_weights(shop, {shop.production["target_groups"]["blue"]: 1})

    sentence = error(shop.look(), "production-rule-attached")

    assert "The target group storefront-production-green (green) is not attached to the production rule" in sentence


def test_an_alarm_in_alarm_is_told(shop: Shop) -> None:
    (name,) = shop.production["alarms"]
    cloudwatch = shop.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name,
        Namespace="Shop",
        MetricName="Orders",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="LessThanThreshold",
        TreatMissingData="breaching",
    )
    gateway = shop.gateway(shop.settings())
    eventually(lambda: gateway.alarms([name])[name].state == "ALARM")

    assert f"The alarm {name} has been in ALARM for" in error(shop.look(), "alarms")


def test_a_role_that_may_not_pass_the_tasks_roles_is_told(shop: Shop) -> None:
    iam = shop.client("iam")
    for name in iam.list_role_policies(RoleName="tealgate-deployer")["PolicyNames"]:
        where = {"RoleName": "tealgate-deployer", "PolicyName": name}
        document = iam.get_role_policy(**where)["PolicyDocument"]
        document["Statement"] = [each for each in document["Statement"] if each["Action"] != "iam:PassRole"]
        iam.put_role_policy(**where, PolicyDocument=json.dumps(document))

    sentence = error(shop.look(), "permissions")

    roles = shop.account["roles"]
    assert (
        f"To hand the task's roles to ECS, the role tealgate-deployer needs iam:PassRole on {roles['task']} and "
        f"{roles['execution']}, which no policy allows." in sentence
    )
    assert "with the condition iam:PassedToService = ecs-tasks.amazonaws.com" in sentence


def test_a_service_that_was_deleted_is_told(shop: Shop) -> None:
    shop.client("ecs").delete_service(
        cluster=shop.account["cluster"], service="storefront-production-green", force=True
    )

    sentence = error(shop.look(), "service-active")

    assert "The service storefront-production-green (green slot)" in sentence
    assert "Create storefront-production-green with desired count 0 behind the green target group" in sentence
