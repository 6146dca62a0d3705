"""Each way to swap while its release has all production traffic, and as one of its gates opens. AWS is in memory."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from deployments.aws.actions import UpdateExpressGatewayService
from deployments.swaps.decisions import Snapshot
from deployments.vocabulary import GateStatus, Stage
from tests.fakes.aws import API, LANDING, SHOP, FakeGateway
from tests.swaps import cases, code_deploy_cases, express_cases, rolling_cases
from tests.swaps import test_gates_held_by_aws as ecs_cases
from tests.swaps.cases import BLUE, GREEN, NOON, gate, seconds, wants_approval

Environment = dict[str, Any]
Story = Callable[[Environment], tuple[Snapshot[Any], FakeGateway]]

SHIFTED: dict[str, Any] = {"percent": 100, "shifted_at": NOON - seconds(60)}


def service_pair(gate: Environment) -> tuple[Snapshot[Any], FakeGateway]:
    since = NOON - seconds(400 if gate else 5)
    facts = {**SHIFTED, "weights": {BLUE: 0, GREEN: 100}}
    snapshot = cases.at(Stage.BAKE_TIME, facts=facts, environment=gate, step_started_at=since)
    return snapshot, FakeGateway.pair(live="green")


def rolling(gate: Environment) -> tuple[Snapshot[Any], FakeGateway]:
    aws = FakeGateway.single()
    service = aws.services(API.cluster, (API.name,))[API.name]
    assert service.primary
    runs = {"task_definition": service.task_definition, "ecs_deployment": service.primary.id}
    facts = {**rolling_cases.UPDATED, "source_task_definition": "api:0", **runs}
    since = NOON - seconds(400 if gate else 5)
    return rolling_cases.at(Stage.BAKE_TIME, facts=facts, environment=gate, step_started_at=since), aws


def ecs(gate: Environment) -> tuple[Snapshot[Any], FakeGateway]:
    """ECS bakes, or waits at its hook for an answer."""
    aws = FakeGateway.pair(live="green")
    snapshot = replace(ecs_cases.at_hook(facts=SHIFTED), gate=None)
    calm = replace(snapshot, settings=replace(snapshot.settings, alarms=()))
    if gate:
        aws.native[ecs_cases.ARN] = ecs_cases.native()
        return calm, aws
    aws.native[ecs_cases.ARN] = ecs_cases.native(stage="BAKE_TIME", production_percent=100, hooks=())
    return replace(calm, position=[step.stage for step in calm.steps].index(Stage.BAKE_TIME)), aws


def code_deploy(gate: Environment) -> tuple[Snapshot[Any], FakeGateway]:
    """CodeDeploy keeps the source, or stands in Ready."""
    aws = FakeGateway.pair(live="green")
    aws.code_targets["d-1"] = (code_deploy_cases.target("AfterAllowTraffic", percent=100),)
    if gate:
        aws.codedeploy["d-1"] = code_deploy_cases.deployment("Ready")
        facts = {"ready_at": NOON}
        return code_deploy_cases.at(code_deploy_cases.READY, facts=facts, environment=gate), aws
    aws.codedeploy["d-1"] = code_deploy_cases.deployment(termination_wait_started=True)
    until = NOON + seconds(200)
    facts = {**SHIFTED, "kept_until": until}
    return code_deploy_cases.at(Stage.BAKE_TIME, facts=facts, source_kept_until=until), aws


def express(gate: Environment) -> tuple[Snapshot[Any], FakeGateway]:
    """ECS bakes; people are asked before it is told anything, and nobody after."""
    aws = FakeGateway.express()
    if gate:
        return express_cases.at(Stage.PRE_SCALE_UP, environment=gate), aws
    aws.task_definitions[express_cases.NEW] = replace(aws.task_definitions[express_cases.OLD], arn=express_cases.NEW)
    aws.perform(UpdateExpressGatewayService(service=express_cases.SERVICE, task_definition=express_cases.NEW))
    aws.ecs_bakes()
    aws.ecs_is_at("BAKE_TIME", requested=2, running=2)
    aws.ecs[LANDING.cluster, LANDING.name].revisions = (aws.native[express_cases.OURS].target_revision,)
    facts = {**express_cases.SHIFTED, "percent": 100, "shifted_at": SHIFTED["shifted_at"]}
    return express_cases.at(Stage.BAKE_TIME, facts=facts), aws


def ecs_ended() -> tuple[Snapshot[Any], FakeGateway]:
    """ECS says that it has succeeded."""
    snapshot, aws = ecs({})
    aws.native[ecs_cases.ARN] = ecs_cases.native(status="SUCCESSFUL", stage="", production_percent=100, hooks=())
    return replace(snapshot, position=len(snapshot.steps) - 1), aws


def code_deploy_ended() -> tuple[Snapshot[Any], FakeGateway]:
    """CodeDeploy says that it has succeeded."""
    snapshot, aws = code_deploy({})
    aws.codedeploy["d-1"] = code_deploy_cases.deployment("Succeeded")
    green = aws.ecs[SHOP.cluster, "shop-green"]
    aws.ecs[green.cluster, "shop"] = replace(green, name="shop", task_definition=cases.NEW, target_group="")
    return replace(snapshot, position=len(snapshot.steps) - 1), aws


def express_ended() -> tuple[Snapshot[Any], FakeGateway]:
    """ECS says that it has succeeded."""
    snapshot, aws = express({})
    aws.ecs_ends()
    return replace(snapshot, position=len(snapshot.steps) - 1), aws


_ENDED = {"ECS": ecs_ended, "CODE_DEPLOY": code_deploy_ended, "EXPRESS_MODE": express_ended}

#: what happens, and the stage at which this way to swap opens a gate in it
ALL: dict[str, tuple[Story, str]] = {
    "SERVICE_PAIR": (service_pair, Stage.BAKE_TIME),
    "ROLLING": (rolling, Stage.BAKE_TIME),
    "ECS": (ecs, Stage.POST_TEST_TRAFFIC_SHIFT),
    "CODE_DEPLOY": (code_deploy, code_deploy_cases.READY),
    "EXPRESS_MODE": (express, Stage.PRE_SCALE_UP),
}
#: whose gates open while tasks of the release run, so that there is something of it to be shown
WITH_ITS_TASKS = ("SERVICE_PAIR", "ROLLING", "ECS", "CODE_DEPLOY")


def side(swap: str) -> str:
    """What the release is kept by where it is judged."""
    return {"ROLLING": API.name, "EXPRESS_MODE": LANDING.name}.get(swap, "green")


def called(swap: str) -> str:
    """How people are told of it; of one service by its name, since old and new are behind it."""
    return "new 1.1.0" if side(swap) == "green" else side(swap)


def watching(swap: str) -> tuple[Snapshot[Any], FakeGateway]:
    story, _ = ALL[swap]
    return story({})


def opening_a_gate(swap: str) -> tuple[Snapshot[Any], FakeGateway]:
    story, stage = ALL[swap]
    return story(wants_approval(stage))


def ended(swap: str) -> tuple[Snapshot[Any], FakeGateway]:
    """AWS, which shifts the traffic, says that it is done."""
    return _ENDED[swap]()


def baked(swap: str, snapshot: Snapshot[Any], aws: FakeGateway) -> Snapshot[Any]:
    """AWS's own time of watching is over, and this look is the last one in it."""
    if swap == "ECS":
        aws.native[ecs_cases.ARN] = ecs_cases.native(stage="CLEAN_UP", production_percent=100, hooks=())
        return snapshot
    if swap == "EXPRESS_MODE":
        aws.ecs_is_at("CLEAN_UP")
        return snapshot
    until = NOON - seconds(1)
    return replace(snapshot, source_kept_until=until, facts=replace(snapshot.facts, kept_until=until))


def approved(swap: str) -> tuple[Snapshot[Any], FakeGateway]:
    """Before the release has any of production: people have decided, and AWS has not been told to go on."""
    snapshot, aws = opening_a_gate(swap)
    aws.set_weights(SHOP.production_rule, {BLUE: 100, GREEN: 0})
    aws.native[ecs_cases.ARN] = ecs_cases.native(requested=2)
    blue = aws.ecs[SHOP.cluster, "shop-blue"]
    aws.ecs[blue.cluster, "shop"] = replace(blue, name="shop", desired=2, task_definition=cases.OLD, target_group="")
    facts = replace(snapshot.facts, percent=0, shifted_at=None)
    return replace(snapshot, gate=gate(GateStatus.SUCCEEDED), facts=facts), aws
