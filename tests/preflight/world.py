"""The shop, seen through preflight: an in-memory account, an environment's settings and a release."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from deployments import preflight
from deployments.aws import values
from deployments.frozen import Artefact, EnvironmentSettings
from deployments.preflight.report import Level, Report
from tests.fakes.aws import SHOP as SHOP
from tests.fakes.aws import FakeGateway

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
BLUE, GREEN = SHOP.target_group("blue"), SHOP.target_group("green")
LIVE = SHOP.task_definition(1)
REPOSITORY = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop"
DIGEST, LIVE_DIGEST = "sha256:" + "2" * 64, "sha256:" + "1" * 64
BALANCER_GROUP = "sg-balancer"


class Account(FakeGateway):
    """FakeGateway, in which members of what AWS answers can be set to anything."""

    def __init__(self) -> None:
        super().__init__()
        self.service_members: dict[str, dict[str, Any]] = {}

    def services(self, cluster: str, names: Collection[str]) -> Mapping[str, values.Service]:
        found = super().services(cluster, names)
        return {name: replace(seen, **self.service_members.get(name, {})) for name, seen in found.items()}

    def doctor_service(self, slot: str, **members: Any) -> None:
        self.service_members.setdefault(SHOP.service(slot), {}).update(members)

    def doctor_services(self, **members: Any) -> None:
        for slot in ("blue", "green"):
            self.doctor_service(slot, **members)

    def doctor_group(self, slot: str, **members: Any) -> None:
        arn = SHOP.target_group(slot)
        self.groups[arn] = replace(self.groups[arn], **members)

    def doctor_definition(self, arn: str = LIVE, **members: Any) -> None:
        definition = self.task_definitions[arn]
        self.task_definitions[arn] = replace(definition, document={**definition.document, **members})

    def doctor_container(self, arn: str = LIVE, **members: Any) -> None:
        (container,) = self.task_definitions[arn].document["containerDefinitions"]
        self.doctor_definition(arn, containerDefinitions=[{**container, **members}])

    def on_ec2(self, network_mode: str = "bridge", host_port: int = 0) -> None:
        self.doctor_services(launch_type="EC2", security_groups=())
        self.doctor_definition(networkMode=network_mode, requiresCompatibilities=["EC2"])
        self.doctor_container(portMappings=[{"containerPort": 8000, "hostPort": host_port}])
        for slot in ("blue", "green"):
            self.doctor_group(slot, target_type="instance")

    def open(self, group: str, from_port: int, to_port: int, *sources: str, protocol: str = "tcp") -> None:
        rule = values.SecurityGroupRule(protocol=protocol, from_port=from_port, to_port=to_port, sources=sources)
        self.security_groups[group] = (rule,)


def healthy_account() -> Account:
    """Everything as it should be: shop-blue live with two tasks on Fargate, shop-green idle."""
    account = Account.pair()
    account.images[REPOSITORY, DIGEST] = values.Image(
        repository=REPOSITORY, tag="", digest=DIGEST, platforms=("linux/amd64",)
    )
    account.doctor_container(image=f"{REPOSITORY}@{LIVE_DIGEST}")
    account.images[REPOSITORY, LIVE_DIGEST] = values.Image(
        repository=REPOSITORY, tag="", digest=LIVE_DIGEST, platforms=("linux/amd64",)
    )
    account.load_balancer_groups[SHOP.load_balancer] = (BALANCER_GROUP,)
    account.open("sg-tasks", 8000, 8000, BALANCER_GROUP)
    return account


def settings(**changes: Any) -> EnvironmentSettings:
    usual = EnvironmentSettings(
        label="shop/production",
        controller="SERVICE_PAIR",
        region="eu-central-1",
        account_id="123456789012",
        cluster=SHOP.cluster,
        container_name=SHOP.container,
        container_port=SHOP.container_port,
        blue_service=SHOP.service("blue"),
        green_service=SHOP.service("green"),
        blue_target_group=BLUE,
        green_target_group=GREEN,
        production_rule=SHOP.production_rule,
        test_rule=SHOP.test_rule,
        alarms=(SHOP.alarm,),
    )
    return replace(usual, **changes)


def release(**changes: Any) -> Artefact:
    usual = Artefact(
        version="2.0",
        images={"web": f"{REPOSITORY}@{DIGEST}"},
        platforms={"web": ("linux/amd64",)},
        references={"web": f"{REPOSITORY}:2.0"},
    )
    return replace(usual, **changes)


def look(account: FakeGateway, artefact: Artefact | None = None, **changes: Any) -> Report:
    return preflight.run(settings(**changes), artefact, account, NOW)


def said(report: Report, check: str, level: Level) -> str:
    """What a person reads, fix included, of the only result of this check on this level."""
    found = [result for result in report.of(level) if result.check == check]
    all_of_it = [f"{each.level} {each.seen}" for each in report.results if each.check == check]
    assert len(found) == 1, f"{len(found)} results of {check} on level {level}: {all_of_it or report.results}"
    return f"{found[0].seen} {found[0].fix}".strip()


def error(report: Report, check: str) -> str:
    return said(report, check, Level.ERROR)


def warning(report: Report, check: str) -> str:
    return said(report, check, Level.WARNING)


def unknown(report: Report, check: str) -> str:
    return said(report, check, Level.UNKNOWN)


def ok(report: Report, check: str) -> str:
    return said(report, check, Level.OK)
