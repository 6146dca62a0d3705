"""The same healthy account, as an environment of each controller."""

from dataclasses import dataclass, replace
from typing import Any

from deployments.aws.codedeploy_values import Bundle, DeploymentGroup, LastDeployment
from deployments.aws.values import Managed, ServiceRevision
from deployments.frozen import Artefact, EnvironmentSettings, GateSpec
from deployments.preflight.report import Report
from deployments.swaps import get
from tests.preflight import world
from tests.preflight.world import BLUE, GREEN, NOW, SHOP, Account, healthy_account

PAIR, ROLLING, ECS, CODE_DEPLOY, SERVERS = "SERVICE_PAIR", "ROLLING", "ECS", "CODE_DEPLOY", "servers"
EXPRESS = "EXPRESS_MODE"
SERVICE = SHOP.service("blue")
BUNDLE = {
    "type": "S3", "bucket": "bundles", "key": "shop-2.0.zip", "bundleType": "zip", "version": "v1", "eTag": "0123"
}  # fmt: skip


def _listener(rule: str) -> str:
    return rule.rsplit("/", 1)[0].replace(":listener-rule/", ":listener/")


GROUP = DeploymentGroup(
    application="shop",
    name="web",
    platform="ECS",
    config="CodeDeployDefault.ECSAllAtOnce",
    style="BLUE_GREEN",
    ready_action="STOP_DEPLOYMENT",
    ready_minutes=1440,
    termination_action="TERMINATE",
    termination_minutes=60,
    services=((SHOP.cluster, SERVICE),),
    target_groups=("shop-blue", "shop-green"),
    production_listener=_listener(SHOP.production_rule),
    test_listener=_listener(SHOP.test_rule),
    auto_scaling_groups=("shop",),
)
OWN_ALARM = "ecs-express-shop-rollback"
#: what ECS made for a service of Express Mode
MADE = ServiceRevision(
    arn="arn:aws:ecs:eu-central-1:123456789012:service-revision/shop/shop-blue/1",
    task_definition=SHOP.task_definition(1),
    target_group=BLUE,
    managed=Managed(
        endpoint="shop.ecs.eu-central-1.on.aws",
        load_balancer=SHOP.load_balancer,
        production_rule=SHOP.production_rule,
        target_groups=(BLUE, GREEN),
        alarms=(OWN_ALARM,),
    ),
)


@dataclass
class Case:
    """One environment and its account, to be broken and looked at."""

    controller: str
    account: Account
    settings: EnvironmentSettings
    release: Artefact

    def change(self, **settings: Any) -> None:
        self.settings = replace(self.settings, **settings)

    def regroup(self, **members: Any) -> None:
        group = self.account.codedeploy_groups["shop", "web"]
        self.account.codedeploy_groups["shop", "web"] = replace(group, **members)

    def report(self) -> Report:
        return get(self.settings.controller).preflight(self.settings, self.release, self.account, NOW)


def case(controller: str) -> Case:
    account, release = healthy_account(), world.release()
    account.scaling.clear()
    settings: dict[str, Any] = {"controller": controller}
    if controller != PAIR:
        settings |= {"service_name": SERVICE, "blue_service": "", "green_service": ""}
    if controller in (ROLLING, EXPRESS):
        settings |= {"blue_target_group": "", "green_target_group": "", "production_rule": "", "test_rule": ""}
    if controller == ECS:
        account.doctor_service(
            "blue",
            target_groups=(BLUE,),
            alternate_target_group=GREEN,
            production_rule=SHOP.production_rule,
            test_rule=SHOP.test_rule,
            infrastructure_role="arn:aws:iam::123456789012:role/infrastructure",
        )
    if controller == EXPRESS:
        account.doctor_service("blue", managed_by="ECS", revisions=(MADE.arn,))
        account.revisions[MADE.arn] = MADE
        account.alarm(OWN_ALARM, "OK")
    if controller in (CODE_DEPLOY, SERVERS):
        settings |= {"controller": "CODE_DEPLOY", "codedeploy_application": "shop", "codedeploy_group": "web"}
        settings["gates"] = (GateSpec(stage="PRE_PRODUCTION_TRAFFIC_SHIFT"),)
        account.doctor_service("blue", controller="CODE_DEPLOY", deployments=())
        account.codedeploy_groups["shop", "web"] = GROUP
    if controller == SERVERS:
        settings |= {"compute_platform": "Server", "service_name": "", "cluster": "", "container_name": ""}
        account.codedeploy_groups["shop", "web"] = replace(
            GROUP,
            platform="Server",
            config="CodeDeployDefault.OneAtATime",
            services=(),
            fleet="COPY_AUTO_SCALING_GROUP",
            bundle=BUNDLE,
            last_successful=LastDeployment(id="d-1", status="Succeeded"),
        )
        account.bundles[BUNDLE["bucket"], BUNDLE["key"]] = Bundle(etag=BUNDLE["eTag"])
        release = world.release(images={}, platforms={}, references={}, bundle=BUNDLE)
    return Case(controller, account, world.settings(**settings), release)
