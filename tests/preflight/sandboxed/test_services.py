"""The ECS services: each failure made in the account, and what people read."""

from collections.abc import Callable
from typing import Any

import pytest

from deployments.frozen import GateSpec, SmokeSpec
from deployments.preflight.report import Level
from sandbox.world import BOOKING
from tests.preflight.sandboxed import making
from tests.preflight.sandboxed.failures import Failure, is_told
from tests.preflight.sandboxed.scene import Scene, eventually
from tests.sandbox.lattice import Lattice


def served_by(**changes: Any) -> Callable[[Scene], None]:
    """The environment's service is one without tasks, that differs from the seeded ones in this."""
    return lambda scene: scene.serve(making.service(scene, **changes))


def switched_off(scene: Scene) -> None:
    """A desired count of 0 on purpose, behind a target group that therefore has no targets."""
    scene.serve(making.service(scene, group=making.live_group(scene)))
    scene.change(may_run_nothing=True)


def nobody(scene: Scene) -> None:
    scene.serve("case-nobody")


def deleted(scene: Scene) -> None:
    name = making.service(scene)
    scene.aws("ecs").delete_service(cluster=scene.settings.cluster, service=name)
    scene.serve(name)


def external(scene: Scene) -> None:
    controller = {"type": "EXTERNAL"}
    members: dict[str, Any] = dict.fromkeys(("taskDefinition", "launchType", "loadBalancers", "networkConfiguration"))
    scene.serve(making.service(scene, deploymentController=controller, **members))


def of_codedeploy(scene: Scene) -> None:
    scene.serve("catalog")


def by_canary(scene: Scene) -> None:
    scene.serve("payments")


def rolled(scene: Scene) -> None:
    scene.serve("legacy-api")


EARLY = {
    "minimumHealthyPercent": 50,
    "earlySuccessCriteria": {"enable": True, "healthyPercent": 50, "sourceServiceRevisionCleanup": "DEFERRED"},
}


def early(scene: Scene) -> None:
    scene.serve(making.service(scene, deploymentConfiguration=EARLY))


def deploying(scene: Scene) -> None:
    """Its task is wanted and finds no room."""
    scene.serve(making.service_on_ec2(scene, desired=1))


def failed(scene: Scene) -> None:
    """ECS's circuit breaker gives up on an image that cannot be pulled."""
    breaker = {"enable": True, "rollback": False, "thresholdConfiguration": {"type": "COUNT", "value": 1}}
    definition = making.definition(scene, {"image": "registry.example/nothing:1"})
    name = making.service(
        scene, definition, desiredCount=1, deploymentConfiguration={"deploymentCircuitBreaker": breaker}
    )
    making.settled(scene, name, "FAILED")
    scene.serve(name)


def unsteady(scene: Scene) -> None:
    """Deployed, and then a task more is wanted than there is room for."""
    name = making.service_on_ec2(scene)
    making.settled(scene, name)
    scene.aws("ecs").update_service(cluster=scene.settings.cluster, service=name, desiredCount=1)
    scene.serve(name)


def in_another_group(scene: Scene) -> None:
    scene.serve(making.service(scene, group=scene.world["legacy"]["target_group"]))


def in_two_groups(scene: Scene) -> None:
    groups = (scene.settings.blue_target_group, scene.world["legacy"]["target_group"])
    places = [{"containerName": "web", "containerPort": 8000, "targetGroupArn": group} for group in groups]
    scene.serve(making.service(scene, loadBalancers=places))


REGISTRY = {"registryArn": "arn:aws:servicediscovery:us-east-1:123456789012:service/srv-shop"}


def behind_a_gateway(scene: Scene) -> None:
    scene.serve(BOOKING)
    if scene.settings.controller == "ECS":
        seeded = scene.world[BOOKING]
        scene.change(
            **{f"{slot}_target_group": group for slot, group in seeded["target_groups"].items()},
            production_rule=seeded["production_rule"],
            test_rule=seeded["test_rule"],
        )


def gateway_has_one_group(scene: Scene) -> None:
    """ECS has not made the other one yet."""
    behind_a_gateway(scene)
    ingress = scene.sandbox.ecs.services[scene.settings.cluster, BOOKING].routed["ingress"]
    rule = ingress["rule"]
    scene.undo.callback(ingress.update, rule=rule)
    ingress["rule"] = ""


GONE = "arn:aws:vpc-lattice:us-east-1:123456789012:service/svc-{0}/listener/listener-{0}/rule/rule-{0}".format("0" * 17)


def in_lattice(
    *, beside: bool, shifted: bool = True, weights: tuple[int, int] = (100, 0), rule: str = ""
) -> Callable[[Scene], None]:
    """Behind VPC Lattice, beside the load balancer or alone."""

    def make(scene: Scene) -> None:
        lattice = Lattice(scene.sandbox)
        way = lattice.way(scene.world["roles"]["infrastructure"])
        if not shifted:
            del way["advancedConfiguration"]
        elif rule:
            way["advancedConfiguration"]["productionListenerRule"] = rule
        balancers = _advanced(scene) if beside else []
        scene.serve(making.service(scene, loadBalancers=balancers, vpcLatticeConfigurations=[way]))
        lattice.forward(*weights)

    return make


def lattice_unread(scene: Scene) -> None:
    in_lattice(beside=True)(scene)
    scene.fault("deny", "vpc-lattice", "GetRule")


def reached_by_lattice(scene: Scene) -> None:
    way = {"roleArn": scene.world["roles"]["infrastructure"], "portName": "http", "targetGroupArn": "tg-1"}
    scene.serve(making.service(scene, vpcLatticeConfigurations=[way]))


def pauses_at(*stages: str, **settings: Any) -> Callable[[Scene], None]:
    """As the owner set them: at these stages, of every deployment."""

    def make(scene: Scene) -> None:
        pause = {"targetType": "PAUSE", "lifecycleStages": list(stages)}
        ecs = scene.aws("ecs")
        where = {"cluster": scene.settings.cluster, "service": "payments"}
        (shown,) = ecs.describe_services(cluster=scene.settings.cluster, services=["payments"])["services"]
        before = {"lifecycleHooks": shown["deploymentConfiguration"].get("lifecycleHooks", [])}
        scene.undo.callback(ecs.update_service, **where, deploymentConfiguration=before)
        ecs.update_service(**where, deploymentConfiguration={"lifecycleHooks": [pause]})
        scene.change(**settings)

    return make


def waits_at_a_pause_of_ours(scene: Scene) -> None:
    """A pipeline deploys while the pause of the environment's gate is on the service."""
    pauses_at("POST_SCALE_UP")(scene)
    ecs, where = scene.aws("ecs"), {"cluster": scene.settings.cluster, "service": "payments"}
    scene.change(gates=(GateSpec(stage="POST_SCALE_UP", timeout_minutes=1440),))
    updated = ecs.update_service(**where, forceNewDeployment=True)["service"]
    arn = updated["currentServiceDeployment"]

    def described() -> dict[str, Any]:
        return dict(ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0])

    scene.undo.callback(lambda: eventually(lambda: described()["status"] == "ROLLBACK_SUCCESSFUL"))
    scene.undo.callback(ecs.stop_service_deployment, serviceDeploymentArn=arn, stopType="ROLLBACK")
    eventually(lambda: any(each["status"] == "AWAITING_ACTION" for each in described()["lifecycleHookDetails"]))


CHECKED: dict[str, Any] = {"gates": (), "smoke_checks": (SmokeSpec(path="/healthz"),)}


def on_another_port(scene: Scene) -> None:
    definition = making.definition(scene, {"portMappings": [{"containerPort": 9000}]})
    place = {"containerName": "web", "containerPort": 9000, "targetGroupArn": scene.settings.blue_target_group}
    scene.serve(making.service(scene, definition, loadBalancers=[place]))


def idle_with_a_task(scene: Scene) -> None:
    scene.change(green_service=making.service_on_ec2(scene, desired=1))


def stuck_percent(scene: Scene) -> None:
    both = {"minimumHealthyPercent": 100, "maximumPercent": 100}
    scene.serve(making.service_on_ec2(scene, desired=1, deploymentConfiguration=both))


def percents(*least_and_most: int, **changes: Any) -> Callable[[Scene], None]:
    """The environment's own, of a service on which AWS would take others."""

    def serve(scene: Scene) -> None:
        scene.serve(making.service_on_ec2(scene, desired=1, **changes))
        scene.change(minimum_healthy_percent=least_and_most[0], maximum_percent=least_and_most[1])

    return serve


def group_deleted(scene: Scene) -> None:
    """The target group of a service can be deleted once no rule refers to it."""
    group = making.live_group(scene)
    elb = scene.aws("elbv2")
    scene.serve(making.service(scene, group=group))
    elb.delete_rule(RuleArn=scene.settings.production_rule)
    elb.delete_target_group(TargetGroupArn=group)


def _advanced(scene: Scene, green: str = "", rule: str = "") -> list[dict[str, object]]:
    advanced = {
        "alternateTargetGroupArn": green or scene.settings.green_target_group,
        "productionListenerRule": rule or scene.settings.production_rule,
        "testListenerRule": scene.settings.test_rule,
        "roleArn": scene.world["roles"]["infrastructure"],
    }
    place = {"containerName": "web", "containerPort": 8000, "targetGroupArn": scene.settings.blue_target_group}
    return [place | {"advancedConfiguration": advanced}]


def shifts_other_groups(scene: Scene) -> None:
    staging = scene.world["environments"]["staging"]["target_groups"]["green"]
    scene.serve(making.service(scene, loadBalancers=_advanced(scene, green=staging)))


def shifts_another_rule(scene: Scene) -> None:
    scene.serve(making.service(scene, loadBalancers=_advanced(scene, rule=scene.production["production_rule"])))


def without_infrastructure_role(scene: Scene) -> None:
    """ECS's API asks for the role by now; a service may be older than that."""
    name = making.service(scene, loadBalancers=_advanced(scene))
    kept = scene.sandbox.ecs.services[scene.settings.cluster, name]
    kept.body["loadBalancers"][0]["advancedConfiguration"].pop("roleArn")
    scene.serve(name)


def without_a_task_for_codedeploy(scene: Scene) -> None:
    scene.serve(making.service(scene, deploymentController={"type": "CODE_DEPLOY"}))


def primary_elsewhere(scene: Scene) -> None:
    group = scene.world["legacy"]["target_group"]
    scene.serve(making.service(scene, group=group, deploymentController={"type": "CODE_DEPLOY"}))


PAIR, ROLLING, ECS, CODE_DEPLOY = "SERVICE_PAIR", "ROLLING", "ECS", "CODE_DEPLOY"
WARNING = Level.WARNING
FAILURES = (
    Failure(
        nobody, "services", "service-active", "Create case-nobody with desired count 0 behind the blue target group"
    ),
    Failure(deleted, "services", "service-active", "(blue slot) is INACTIVE, not ACTIVE in cluster storefront"),
    Failure(of_codedeploy, "services", "service-controller", "catalog has the deployment controller CODE_DEPLOY, so"),
    Failure(external, "services", "service-controller", "has the deployment controller EXTERNAL, so ECS refuses"),
    Failure(by_canary, "services", "service-strategy", "payments has ECS's own strategy CANARY, which shifts the same"),
    Failure(deploying, "services", "service-deployment", "0 of 1 task running, 1 pending. Wait until it is done"),
    Failure(
        failed, "services", "service-deployment", "tasks failed to start. Look at the events of case-", level=WARNING
    ),
    Failure(unsteady, "services", "service-deployment", "is not steady: 0 of 1 task running", level=WARNING),
    Failure(in_another_group, "services", "service-target-group", "registers its tasks in legacy-api, but the blue"),
    Failure(
        in_two_groups,
        "services",
        "service-target-group",
        "Leave the target groups as they are, somebody's requests come through each of them: choose the controller",
    ),
    Failure(
        served_by(serviceRegistries=[REGISTRY]),
        "services",
        "service-discovery",
        "are also reached by Cloud Map (srv-shop), past the listener: such callers get the release as soon",
        level=WARNING,
    ),
    Failure(
        served_by(serviceConnectConfiguration={"enabled": True, "namespace": "shop"}),
        "services",
        "service-discovery",
        "are also reached by ECS Service Connect, past the listener",
        level=WARNING,
    ),
    Failure(on_another_port, "services", "service-target-group", "but the environment says web:8000"),
    Failure(served_by(), "service-roles", "service-source", "is live, but runs no tasks (desired count 0)"),
    Failure(idle_with_a_task, "service-roles", "service-target", "the idle slot, has a desired count", level=WARNING),
    Failure(nobody, "service", "service-active", "Correct the name of the service or of the cluster", ROLLING),
    Failure(deleted, "service", "service-active", "is INACTIVE, not ACTIVE", ROLLING),
    Failure(of_codedeploy, "service", "service-controller", "catalog has the deployment controller", ROLLING),
    Failure(by_canary, "service", "service-strategy", "payments has ECS's own strategy CANARY, not ROLLING", ROLLING),
    Failure(deploying, "service", "service-deployment", "Another deployment is running on case-", ROLLING),
    Failure(served_by(), "service", "service-desired", "no task would be started, so nothing would show", ROLLING),
    Failure(stuck_percent, "service", "service-percent", "neither start a task nor stop one of 1", ROLLING),
    Failure(percents(50, 150), "service", "service-percent", "50 and maximumPercent 150 of the environment (", ROLLING),
    Failure(
        percents(0, 100),
        "service",
        "service-percent",
        "let ECS stop all 1 before a new one runs: nobody is answered meanwhile. Raise minimumHealthyPercent",
        ROLLING,
        WARNING,
    ),
    Failure(
        percents(51, 200, deploymentConfiguration=EARLY),
        "service",
        "service-percent",
        "AWS would refuse minimumHealthyPercent 51: case-",
        ROLLING,
    ),
    Failure(
        percents(0, 100, availabilityZoneRebalancing="ENABLED"),
        "service",
        "service-percent",
        "rebalances its tasks over Availability Zones, which takes more than 100. Set most tasks (%)",
        ROLLING,
    ),
    Failure(
        early,
        "service",
        "early-success",
        "successful when 50 % of its tasks are healthy, while old ones may still run (earlySuccessCriteria), and nei",
        ROLLING,
        Level.WARNING,
    ),
    Failure(group_deleted, "target-group", "target-group", ", which does not exist. Give case-", ROLLING),
    Failure(
        nobody,
        "service",
        "service-active",
        "The service case-nobody does not exist in cluster storefront. Correct the name of the",
        ECS,
    ),
    Failure(of_codedeploy, "service", "service-controller", "catalog has the deployment controller CODE_DEPLOY", ECS),
    Failure(switched_off, "service", "service-desired", "which this environment allows", ROLLING, Level.WARNING),
    Failure(served_by(), "service", "service-desired", "so ECS would shift traffic to a release without tasks", ECS),
    Failure(
        pauses_at("POST_TEST_TRAFFIC_SHIFT", **CHECKED),
        "service",
        "own-pauses",
        "soon as they are good. Add a gate at POST_TEST_TRAFFIC_SHIFT",
        ECS,
        WARNING,
    ),
    Failure(
        pauses_at("PRE_SCALE_UP"),
        "service",
        "own-pauses",
        "has a pause of its own at PRE_SCALE_UP: Tealgate keeps it, and does not answer it. Answer it in ECS",
        ECS,
        WARNING,
    ),
    Failure(
        waits_at_a_pause_of_ours,
        "service",
        "waiting-hook",
        " It is the pause of this environment's gate, from an earlier deployment of Tealgate.",
        ECS,
    ),
    Failure(
        waits_at_a_pause_of_ours,
        "service",
        "waiting-hook",
        ", which is not Tealgate's, waits at the pause ",
        ECS,
    ),
    Failure(rolled, "service", "advanced-configuration", "legacy-api has no advancedConfiguration on its load", ECS),
    Failure(
        shifts_other_groups,
        "service",
        "advanced-configuration",
        "shifts between payments-blue and storefront-staging-green, which are not the environment's two",
        ECS,
    ),
    Failure(shifts_another_rule, "service", "advanced-configuration", "not the environment's production rule", ECS),
    Failure(
        behind_a_gateway,
        "service",
        "advanced-configuration",
        "booking is behind an ECS Gateway: ECS shifts the rule that it made for it, and nobody else may.",
        ECS,
        Level.OK,
    ),
    Failure(
        in_lattice(beside=False),
        "service",
        "advanced-configuration",
        "at VPC Lattice alone: Tealgate cannot see there who is live and what callers get.",
        ECS,
    ),
    Failure(
        in_lattice(beside=True),
        "service",
        "vpc-lattice",
        "such callers get the release as ECS shifts it there, and nobody watches what they get. Name alarms",
        ECS,
        WARNING,
    ),
    Failure(
        in_lattice(beside=True),
        "service",
        "vpc-lattice-rule",
        " 100, tg-",
        ECS,
        Level.OK,
    ),
    Failure(
        in_lattice(beside=True, weights=(50, 50)),
        "service",
        "vpc-lattice-rule",
        " 50, so it is not clear which one is live. Have the rule forward to the service's two target groups",
        ECS,
    ),
    Failure(
        in_lattice(beside=True, rule=GONE),
        "service",
        "vpc-lattice-rule",
        "/rule/rule-00000000000000000 does not exist. Have the rule forward to",
        ECS,
    ),
    Failure(
        lattice_unread,
        "service",
        "vpc-lattice-rule",
        "could not be read (AccessDeniedException). What its callers get will not be compared.",
        ECS,
        Level.UNKNOWN,
    ),
    Failure(
        in_lattice(beside=True, shifted=False),
        "service",
        "vpc-lattice",
        "such callers get the release as soon as its tasks start, whatever the gates say, and nobody watches",
        ECS,
        WARNING,
    ),
    Failure(
        reached_by_lattice,
        "services",
        "service-discovery",
        "are also reached by VPC Lattice (tg-1), past the listener",
        level=WARNING,
    ),
    Failure(
        gateway_has_one_group,
        "service",
        "advanced-configuration",
        "ECS does not tell of two target groups and a rule that it made for it, so it can only roll it. Wait until",
        ECS,
    ),
    Failure(
        behind_a_gateway,
        "services",
        "service-gateway",
        "booking is behind an ECS Gateway: ECS owns its rules and target groups, and does not put right what",
    ),
    Failure(without_infrastructure_role, "service", "advanced-configuration", "names no infrastructure role", ECS),
    Failure(
        nobody,
        "service",
        "service-active",
        "The service case-nobody does not exist in cluster storefront. Correct the name",
        CODE_DEPLOY,
    ),
    Failure(rolled, "service", "service-controller", "controller ECS, so CodeDeploy cannot deploy to it", CODE_DEPLOY),
    Failure(
        without_a_task_for_codedeploy,
        "service",
        "service-desired",
        "so CodeDeploy would shift traffic to a release without tasks",
        CODE_DEPLOY,
    ),
    Failure(primary_elsewhere, "service", "service-target-group", "is in legacy-api, which is not one of", CODE_DEPLOY),
)


@pytest.mark.parametrize("failure", FAILURES, ids=str)
def test_what_is_wrong_with_a_service_is_told(failure: Failure, scene: Scene) -> None:
    is_told(failure, scene)
