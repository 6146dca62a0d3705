from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deployments.aws import actions, errors
from deployments.aws.gateway import BotoGateway
from deployments.aws.values import ProtectedTask, Rollout
from tests.aws.aws_stubs import Stubs, arn

DEFINITION = arn("ecs", "task-definition/shop:7")
TASK = arn("ecs", "task/shop/abc")


def service(name: str = "shop-blue", **more: Any) -> dict[str, Any]:
    return {
        "serviceName": name,
        "serviceArn": arn("ecs", f"service/shop/{name}"),
        "status": "ACTIVE",
        "taskDefinition": DEFINITION,
        "desiredCount": 2,
        "runningCount": 1,
        "pendingCount": 1,
        **more,
    }


#: one of a service's deployments
PRIMARY = {
    "id": "ecs-svc/1",
    "status": "PRIMARY",
    "taskDefinition": DEFINITION,
    "desiredCount": 2,
    "runningCount": 1,
    "pendingCount": 1,
}
NETWORK = {"subnets": ["subnet-1"], "securityGroups": ["sg-1"], "assignPublicIp": "DISABLED"}


def test_services_are_asked_for_ten_at_a_time(gateway: BotoGateway, aws: Stubs) -> None:
    names = [f"s{number}" for number in range(12)]
    for some in (names[:10], names[10:]):
        answer = {"services": [service(name) for name in some if name != "s3"], "failures": [{"reason": "MISSING"}]}
        aws.add("ecs", "describe_services", answer, {"cluster": "shop", "services": some})

    assert set(gateway.services("shop", [*names, "s1"])) == set(names) - {"s3"}


def test_a_service_is_read_with_its_deployments_and_network(gateway: BotoGateway, aws: Stubs) -> None:
    raw = service(
        launchType="FARGATE",
        platformVersion="1.4.0",
        deploymentController={"type": "ECS"},
        deploymentConfiguration={"strategy": "ROLLING"},
        loadBalancers=[{"targetGroupArn": "tg", "containerName": "web", "containerPort": 8000}],
        networkConfiguration={"awsvpcConfiguration": NETWORK},
        healthCheckGracePeriodSeconds=30,
        events=[{"message": "(service shop-blue) has reached a steady state."}],
        deployments=[
            {
                **PRIMARY,
                "failedTasks": 3,
                "rolloutState": "IN_PROGRESS",
                "rolloutStateReason": "ECS deployment in progress.",
            }
        ],
    )
    aws.add("ecs", "describe_services", {"services": [raw]})

    found = gateway.services("shop", ["shop-blue"])["shop-blue"]

    assert (found.controller, found.strategy, found.launch_type) == ("ECS", "ROLLING", "FARGATE")
    assert (found.container_name, found.container_port, found.target_groups) == ("web", 8000, ("tg",))
    assert (found.subnets, found.security_groups, found.assign_public_ip) == (("subnet-1",), ("sg-1",), "DISABLED")
    assert found.primary and (found.primary.failed_tasks, found.primary.rollout_state) == (3, "IN_PROGRESS")
    assert not found.steady
    assert found.events == ("(service shop-blue) has reached a steady state.",)
    assert found.draining_since is None


def test_a_service_tells_its_ways_in_by_vpc_lattice(gateway: BotoGateway, aws: Stubs) -> None:
    advanced = {"alternateTargetGroupArn": "tg-2", "productionListenerRule": "rule-1"}
    way = {"roleArn": "role", "portName": "http", "targetGroupArn": "tg-1", "advancedConfiguration": advanced}
    primary = {**PRIMARY, "vpcLatticeConfigurations": [way]}
    aws.add("ecs", "describe_services", {"services": [service(deployments=[primary])]})

    (found,) = gateway.services("shop", ["shop-blue"])["shop-blue"].lattice

    assert (found.target_group, found.alternate_target_group, found.production_rule) == ("tg-1", "tg-2", "rule-1")
    assert found.is_shifted


def test_rules_and_listeners_of_vpc_lattice_tell_what_they_forward_to(gateway: BotoGateway, aws: Stubs) -> None:
    service = "arn:aws:vpc-lattice:eu-central-1:123456789012:service/svc-0123456789abcdef0"
    listener = f"{service}/listener/listener-0123456789abcdef0"
    names = {
        "serviceIdentifier": "svc-0123456789abcdef0",
        "listenerIdentifier": "listener-0123456789abcdef0",
    }
    rule = {**names, "ruleIdentifier": "rule-0123456789abcdef0"}
    groups = [
        {"targetGroupIdentifier": "tg-0123456789abcdef0", "weight": 90},
        {"targetGroupIdentifier": "tg-0123456789abcdef1", "weight": 10},
    ]
    aws.add("vpc-lattice", "get_rule", {"action": {"forward": {"targetGroups": groups}}}, rule)
    aws.add("vpc-lattice", "get_listener", {"defaultAction": {"fixedResponse": {"statusCode": 404}}}, names)

    weights = gateway.lattice_weights(f"{listener}/rule/rule-0123456789abcdef0")

    assert weights == {"tg-0123456789abcdef0": 90, "tg-0123456789abcdef1": 10}
    assert gateway.lattice_weights(listener) == {}


def test_a_service_tells_when_it_last_began_to_drain(gateway: BotoGateway, aws: Stubs) -> None:
    first, last = datetime(2026, 3, 2, 9, 0, tzinfo=UTC), datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
    drains = "(service shop-blue) has begun draining connections on {} tasks."
    events = [
        {"createdAt": last + timedelta(seconds=1), "message": "(service shop-blue) deregistered 2 targets in (tg)"},
        {"createdAt": last, "message": drains.format(2)},
        {"createdAt": first, "message": drains.format(1)},
    ]
    aws.add("ecs", "describe_services", {"services": [service(events=events)]})

    assert gateway.services("shop", ["shop-blue"])["shop-blue"].draining_since == last


def test_a_service_tells_how_many_tasks_were_started_and_when(gateway: BotoGateway, aws: Stubs) -> None:
    first, last = datetime(2026, 3, 2, 9, 0, tzinfo=UTC), datetime(2026, 3, 2, 9, 5, tzinfo=UTC)
    events = [
        {"createdAt": last, "message": "(service shop-blue) has started 1 tasks: (task 3)."},
        {"createdAt": first, "message": "(service shop-blue) has stopped 2 running tasks: (task 1) (task 2)."},
        {"createdAt": first, "message": "(service shop-blue) has started 12 tasks: (task 1) (task 2)."},
    ]
    aws.add("ecs", "describe_services", {"services": [service(events=events)]})

    assert gateway.services("shop", ["shop-blue"])["shop-blue"].starts == ((last, 1), (first, 12))


ROLLED = "(service shop-blue) (deployment ecs-svc/1) deployment completed."
MADE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def rolled_out(state: str, *events: tuple[float, str]) -> dict[str, Any]:
    """Seconds after the deployment was made, and what ECS said."""
    shown = {**PRIMARY, "createdAt": MADE, "rolloutState": state}
    told = [{"createdAt": MADE + timedelta(seconds=after), "message": words} for after, words in events]
    return service(deployments=[shown], events=told)


def test_a_service_tells_how_long_its_last_deployment_took(gateway: BotoGateway, aws: Stubs) -> None:
    drains = "(service shop-blue) has begun draining connections on 1 tasks."
    raw = rolled_out("COMPLETED", (900, drains), (70.5, ROLLED), (40, drains), (10, drains), (-60, drains))
    aws.add("ecs", "describe_services", {"services": [raw]})

    found = gateway.services("shop", ["shop-blue"])["shop-blue"].last_rollout

    assert found == Rollout(draining=40, completed=70.5)


@pytest.mark.parametrize(
    "raw",
    [
        rolled_out("IN_PROGRESS", (70, ROLLED)),
        rolled_out("COMPLETED"),
        rolled_out("COMPLETED", (70, ROLLED.replace("svc/1", "svc/2"))),
        service(deployments=[]),
    ],
    ids=["not over", "too long ago", "another's", "none"],
)
def test_a_service_that_does_not_tell_is_not_guessed_about(
    gateway: BotoGateway, aws: Stubs, raw: dict[str, Any]
) -> None:
    aws.add("ecs", "describe_services", {"services": [raw]})

    assert gateway.services("shop", ["shop-blue"])["shop-blue"].last_rollout is None


def test_a_task_definition_is_read_with_its_tags(gateway: BotoGateway, aws: Stubs) -> None:
    describe(aws, 7, tags={"team": "shop"})

    found = gateway.task_definition(DEFINITION)

    assert (found.family, found.revision, found.status, found.tags) == ("shop", 7, "ACTIVE", {"team": "shop"})
    assert found.container("web") and not found.container("sidecar")


def test_a_task_definition_that_is_not_there_is_not_found(gateway: BotoGateway, aws: Stubs) -> None:
    aws.refuse("ecs", "describe_task_definition", "ClientException", "Unable to describe task definition.")

    with pytest.raises(errors.NotFound):
        gateway.task_definition("shop:99")


def test_the_newest_revision_with_the_tag_is_found(gateway: BotoGateway, aws: Stubs) -> None:
    listed = [arn("ecs", f"task-definition/shop:{revision}") for revision in (9, 8, 7)]
    query = {"familyPrefix": "shop", "status": "ACTIVE", "sort": "DESC", "maxResults": 20}
    aws.add("ecs", "list_task_definitions", {"taskDefinitionArns": listed}, query)
    describe(aws, 9)
    describe(aws, 8, tags={"tealgate:deployment": "41"})

    found = gateway.registered_by("shop", ("tealgate:deployment", "41"))

    assert found and found.revision == 8


def test_no_revision_with_the_tag_is_none(gateway: BotoGateway, aws: Stubs) -> None:
    aws.add("ecs", "list_task_definitions", {"taskDefinitionArns": [DEFINITION]})
    describe(aws, 7, tags={"tealgate:deployment": "40"})

    assert gateway.registered_by("shop", ("tealgate:deployment", "41")) is None


@pytest.mark.parametrize(
    ("wanted", "filtered"),
    [({"service": "shop-blue"}, {"serviceName": "shop-blue"}), ({"started_by": "t-7"}, {"startedBy": "t-7"})],
)
def test_running_and_stopped_tasks_are_listed_by_one_filter(
    gateway: BotoGateway, aws: Stubs, wanted: dict[str, str], filtered: dict[str, str]
) -> None:
    for status, arns in (("RUNNING", ["t1"]), ("STOPPED", ["t2"])):
        aws.add("ecs", "list_tasks", {"taskArns": arns}, {"cluster": "shop", "desiredStatus": status, **filtered})
    stopped = {
        "taskArn": "t2",
        "taskDefinitionArn": DEFINITION,
        "lastStatus": "STOPPED",
        "desiredStatus": "STOPPED",
        "stopCode": "EssentialContainerExited",
        "stoppedReason": "Essential container in task exited",
        "startedBy": "t-7",
        "containers": [{"name": "web", "exitCode": 3, "reason": "OutOfMemoryError"}, {"name": "log"}],
    }
    aws.add("ecs", "describe_tasks", {"tasks": [stopped]}, {"cluster": "shop", "tasks": ["t1", "t2"]})

    (task,) = gateway.tasks("shop", **wanted)

    assert task.stopped and task.stop_code == "EssentialContainerExited"
    assert task.exit_codes == {"web": 3, "log": None}
    assert task.reasons == {"web": "OutOfMemoryError"}


def test_no_tasks_are_not_described(gateway: BotoGateway, aws: Stubs) -> None:
    aws.add("ecs", "list_tasks", {"taskArns": []})
    aws.add("ecs", "list_tasks", {"taskArns": []})

    assert gateway.tasks("shop", service="shop-blue") == ()


def test_protected_tasks_are_those_that_run_and_may_not_be_stopped(gateway: BotoGateway, aws: Stubs) -> None:
    arns = [arn("ecs", f"task/shop/{number}") for number in range(101)]
    until = datetime(2026, 3, 2, 12, 40, tzinfo=UTC)
    running = {"cluster": "shop", "desiredStatus": "RUNNING", "serviceName": "shop-blue"}
    free = {"taskArn": arns[0], "protectionEnabled": False}
    kept = {"taskArn": arns[7], "protectionEnabled": True, "expirationDate": until}
    gone = {"protectedTasks": [], "failures": [{"arn": arns[100], "reason": "TASK_NOT_VALID"}]}
    aws.add("ecs", "list_tasks", {"taskArns": arns}, running)
    aws.add("ecs", "get_task_protection", {"protectedTasks": [free, kept]}, {"cluster": "shop", "tasks": arns[:100]})
    aws.add("ecs", "get_task_protection", gone, {"cluster": "shop", "tasks": arns[100:]})
    described = {"taskArn": arns[7], "taskDefinitionArn": DEFINITION, "lastStatus": "RUNNING"}
    answer = {"tasks": [{**described, "desiredStatus": "RUNNING"}]}
    aws.add("ecs", "describe_tasks", answer, {"cluster": "shop", "tasks": [arns[7]]})

    assert gateway.protected_tasks("shop", "shop-blue") == (
        ProtectedTask(id="7", task_definition=DEFINITION, until=until),
    )


def test_a_service_whose_tasks_all_drain_is_not_asked_about_protection(gateway: BotoGateway, aws: Stubs) -> None:
    aws.add("ecs", "list_tasks", {"taskArns": []})

    assert gateway.protected_tasks("shop", "shop-blue") == ()


def test_a_service_tells_when_it_could_not_stop_protected_tasks(gateway: BotoGateway, aws: Stubs) -> None:
    at, said = datetime(2026, 3, 2, 9, tzinfo=UTC), "was unable to scale in due to (reason 1 tasks under protection)."
    aws.add(
        "ecs", "describe_services", {"services": [service(events=[{"createdAt": at, "message": f"(service {said}"}])]}
    )

    assert gateway.services("shop", ["shop-blue"])["shop-blue"].protected_since == at


def test_a_described_task_definition_can_be_registered_again(gateway: BotoGateway, aws: Stubs) -> None:
    described = {**definition(8), "registeredAt": datetime(2026, 1, 1, tzinfo=UTC), "requiresAttributes": []}
    sent = {
        "family": "shop",
        "containerDefinitions": described["containerDefinitions"],
        "tags": [{"key": "tealgate:deployment", "value": "41"}],
    }
    aws.add("ecs", "register_task_definition", {"taskDefinition": {"taskDefinitionArn": DEFINITION}}, sent)

    made = gateway.perform(
        actions.RegisterTaskDefinition(
            document=described, tags={"tealgate:deployment": "41", "aws:cloudformation:stack-name": "x"}
        )
    )

    assert made == actions.Made(task_definition=DEFINITION)
    assert {writes for _, writes, _ in aws.asked} == {True}


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"desired": 0}, {"desiredCount": 0}),
        ({"task_definition": DEFINITION}, {"taskDefinition": DEFINITION}),
        ({"desired": 2, "task_definition": DEFINITION}, {"desiredCount": 2, "taskDefinition": DEFINITION}),
    ],
)
def test_an_update_sends_only_what_is_given(
    gateway: BotoGateway, aws: Stubs, given: dict[str, Any], sent: dict[str, Any]
) -> None:
    aws.add("ecs", "update_service", {}, {"cluster": "shop", "service": "shop-green", **sent})

    assert gateway.perform(actions.UpdateService(cluster="shop", service="shop-green", **given)) == actions.Made()
    assert aws.asked == [("ecs", True, "")]


def test_a_service_is_given_to_ecs_by_one_call(gateway: BotoGateway, aws: Stubs) -> None:
    balancer = {"targetGroupArn": "blue", "advancedConfiguration": {"alternateTargetGroupArn": "green"}}
    configuration = {"strategy": "BLUE_GREEN"}
    sent = {"deploymentConfiguration": configuration, "loadBalancers": [balancer]}
    given = {"cluster": "shop", "service": "shop"}
    aws.add("ecs", "update_service", {}, {**given, **sent, "deploymentController": {"type": "ECS"}})
    aws.add("ecs", "update_service", {}, {**given, **sent})

    for controller in ("ECS", ""):
        move = actions.MoveService(
            **given,
            controller=controller,
            deployment_configuration=configuration,
            load_balancers=(balancer,),
        )
        assert gateway.perform(move) == actions.Made()


#: what RunTask is always given
RUN = {
    "cluster": "shop",
    "taskDefinition": DEFINITION,
    "count": 1,
    "clientToken": "d41-0",
    "startedBy": "tealgate-41-0",
    "overrides": {"containerOverrides": [{"name": "web", "command": ["manage.py", "migrate"]}]},
}


@pytest.mark.parametrize(
    ("like", "placed"),
    [
        (
            {
                "launchType": "FARGATE",
                "platformVersion": "1.4.0",
                "networkConfiguration": {"awsvpcConfiguration": NETWORK},
            },
            {
                "launchType": "FARGATE",
                "platformVersion": "1.4.0",
                "networkConfiguration": {"awsvpcConfiguration": NETWORK},
            },
        ),
        (
            {"capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}]},
            {"capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}]},
        ),
        ({"launchType": "EC2"}, {"launchType": "EC2"}),
    ],
)
def test_a_one_off_task_is_placed_like_the_service(
    gateway: BotoGateway, aws: Stubs, like: dict[str, Any], placed: dict[str, Any]
) -> None:
    aws.add("ecs", "describe_services", {"services": [service(**like)]})
    aws.add("ecs", "run_task", {"tasks": [{"taskArn": TASK}], "failures": []}, {**RUN, **placed})

    assert gateway.perform(migrate()) == actions.Made(task=TASK)


@pytest.mark.parametrize(
    ("like", "more"),
    [
        ({"propagateTags": "SERVICE"}, {"tags": [{"key": "team", "value": "shop"}]}),
        ({"propagateTags": "TASK_DEFINITION"}, {"tags": [{"key": "tealgate:deployment", "value": "41"}]}),
        ({"propagateTags": "NONE"}, {}),
        ({"propagateTags": "NONE", "enableECSManagedTags": True}, {"enableECSManagedTags": True}),
    ],
)
def test_a_one_off_task_is_tagged_like_the_services_own(
    gateway: BotoGateway, aws: Stubs, like: dict[str, Any], more: dict[str, Any]
) -> None:
    tags = [{"key": "team", "value": "shop"}, {"key": "aws:cloudformation:stack-name", "value": "shop"}]
    shown = {"services": [service(**like, tags=tags)]}
    aws.add("ecs", "describe_services", shown, {"cluster": "shop", "services": ["shop-blue"], "include": ["TAGS"]})
    if like["propagateTags"] == "TASK_DEFINITION":  # only then it is read
        describe(aws, 7, {"tealgate:deployment": "41"})
    aws.add("ecs", "run_task", {"tasks": [{"taskArn": TASK}], "failures": []}, {**RUN, **more})

    assert gateway.perform(migrate()) == actions.Made(task=TASK)


def test_a_one_off_task_gets_the_volumes_that_its_service_configures(gateway: BotoGateway, aws: Stubs) -> None:
    made = {"roleArn": "arn:aws:iam::123456789012:role/ebs", "sizeInGiB": 5}
    scratch, other = ({"name": name, "managedEBSVolume": made} for name in ("tmp", "old"))
    counts = {"desiredCount": 1, "runningCount": 1, "pendingCount": 0}
    volumes = {"volumeConfigurations": [other, scratch]}
    newest = {"id": "ecs-svc/1", "status": "PRIMARY", "taskDefinition": DEFINITION, **counts, **volumes}
    aws.add("ecs", "describe_services", {"services": [service(deployments=[newest])]})
    describe(aws, 7, volumes=[{"name": "tmp", "configuredAtLaunch": True}, {"name": "cache"}])
    started = {"tasks": [{"taskArn": TASK}], "failures": []}
    aws.add("ecs", "run_task", started, {**RUN, "volumeConfigurations": [scratch]})

    assert gateway.perform(migrate()) == actions.Made(task=TASK)


def test_a_one_off_task_that_cannot_be_placed_says_why(gateway: BotoGateway, aws: Stubs) -> None:
    aws.add("ecs", "describe_services", {"services": [service()]})
    aws.add("ecs", "run_task", {"tasks": [], "failures": [{"reason": "RESOURCE:MEMORY", "arn": "instance"}]})

    with pytest.raises(errors.Invalid, match="RESOURCE:MEMORY"):
        gateway.perform(migrate())


@pytest.fixture
def used_token(aws: Stubs) -> Stubs:
    """The deployment has started the task before, with another revision, which only ECS remembers."""
    aws.add("ecs", "describe_services", {"services": [service()]})
    aws.refuse("ecs", "run_task", "ConflictException", "The token was used with other parameters")
    return aws


def test_a_one_off_task_that_was_started_before_our_database_was_put_back_is_found_again(
    gateway: BotoGateway, used_token: Stubs
) -> None:
    asked = {"cluster": "shop", "startedBy": "tealgate-41-0"}
    used_token.add("ecs", "list_tasks", {"taskArns": []}, {**asked, "desiredStatus": "RUNNING"})
    used_token.add("ecs", "list_tasks", {"taskArns": [TASK]}, {**asked, "desiredStatus": "STOPPED"})
    status = {"lastStatus": "STOPPED", "desiredStatus": "STOPPED"}
    shown = {"taskArn": TASK, "taskDefinitionArn": DEFINITION, "containers": [], **status}
    used_token.add("ecs", "describe_tasks", {"tasks": [shown]})

    assert gateway.perform(migrate()) == actions.Made(task=TASK)


def test_one_that_ecs_shows_no_longer_is_not_started_again_and_that_is_said(
    gateway: BotoGateway, used_token: Stubs
) -> None:
    for _ in range(2):
        used_token.add("ecs", "list_tasks", {"taskArns": []})

    with pytest.raises(errors.Invalid) as raised:
        gateway.perform(migrate())

    assert "used with other parameters. It was started for this deployment before" in raised.value.sentence
    assert raised.value.sentence.endswith("see in its log how far it came, then deploy again.")


def test_a_one_off_task_like_a_missing_service_is_not_found(gateway: BotoGateway, aws: Stubs) -> None:
    aws.add("ecs", "describe_services", {"services": [], "failures": [{"reason": "MISSING"}]})

    with pytest.raises(errors.NotFound, match="shop-blue"):
        gateway.perform(migrate())


def test_a_task_is_stopped_with_a_reason(gateway: BotoGateway, aws: Stubs) -> None:
    aws.add("ecs", "stop_task", {}, {"cluster": "shop", "task": TASK, "reason": "stopped by approver"})

    assert gateway.perform(actions.StopTask(cluster="shop", task=TASK, reason="stopped by approver")) == actions.Made()


def definition(revision: int) -> dict[str, Any]:
    return {
        "taskDefinitionArn": arn("ecs", f"task-definition/shop:{revision}"),
        "family": "shop",
        "revision": revision,
        "status": "ACTIVE",
        "containerDefinitions": [{"name": "web", "image": "shop:1"}],
    }


def describe(aws: Stubs, revision: int, tags: dict[str, str] | None = None, **members: Any) -> None:
    answer = {
        "taskDefinition": definition(revision) | members,
        "tags": [{"key": key, "value": value} for key, value in (tags or {}).items()],
    }
    asked = {"taskDefinition": arn("ecs", f"task-definition/shop:{revision}"), "include": ["TAGS"]}
    aws.add("ecs", "describe_task_definition", answer, asked)


def migrate() -> actions.RunTask:
    return actions.RunTask(
        cluster="shop",
        like_service="shop-blue",
        task_definition=DEFINITION,
        container="web",
        command=("manage.py", "migrate"),
        client_token="d41-0",
        started_by="tealgate-41-0",
    )


def test_update_service_tells_which_deployment_it_started(aws: Stubs, gateway: BotoGateway) -> None:
    deployments = [{"id": "ecs-svc/2", "status": "PRIMARY"}, {"id": "ecs-svc/1", "status": "ACTIVE"}]
    sent = {"cluster": "api", "service": "api", "taskDefinition": "api:2"}
    aws.add("ecs", "update_service", {"service": {"deployments": deployments}}, sent)

    made = gateway.perform(actions.UpdateService(cluster="api", service="api", task_definition="api:2"))

    assert made == actions.Made(ecs_deployment="ecs-svc/2")


SERVICE_DEPLOYMENT = arn("ecs", "service-deployment/shop/shop/abc")


def test_stopping_ecs_forgives_an_end_and_nothing_else(gateway: BotoGateway, aws: Stubs) -> None:
    asked = {"serviceDeploymentArn": SERVICE_DEPLOYMENT, "stopType": "ROLLBACK"}
    aws.add("ecs", "stop_service_deployment", {"serviceDeploymentArn": SERVICE_DEPLOYMENT}, asked)
    over = "The service deployment cannot be stopped because it is SUCCESSFUL."
    aws.refuse("ecs", "stop_service_deployment", "ConflictException", over)
    aws.refuse("ecs", "stop_service_deployment", "AccessDeniedException")

    stop = actions.StopServiceDeployment(service_deployment=SERVICE_DEPLOYMENT)
    for _ in range(2):
        assert gateway.perform(stop) == actions.Made()
    with pytest.raises(errors.Denied):
        gateway.perform(stop)


@pytest.mark.parametrize("code", ["InvalidParameterException", "ConflictException"])
def test_a_hook_that_went_on_is_stopped_instead_of_answered_with_rollback(
    gateway: BotoGateway, aws: Stubs, code: str
) -> None:
    aws.refuse("ecs", "continue_service_deployment", code, "The lifecycle hook does not await an action.")
    hook = {"hookId": "hook-1", "status": "SUCCEEDED", "targetType": "PAUSE"}
    seen = {"serviceDeploymentArn": SERVICE_DEPLOYMENT, "status": "IN_PROGRESS", "lifecycleHookDetails": [hook]}
    aws.add("ecs", "describe_service_deployments", {"serviceDeployments": [seen], "failures": []})
    asked = {"serviceDeploymentArn": SERVICE_DEPLOYMENT, "stopType": "ROLLBACK"}
    aws.add("ecs", "stop_service_deployment", {"serviceDeploymentArn": SERVICE_DEPLOYMENT}, asked)

    answer = actions.ContinueServiceDeployment(service_deployment=SERVICE_DEPLOYMENT, hook="hook-1", answer="ROLLBACK")
    assert gateway.perform(answer) == actions.Made()


def test_lambda_hooks_are_told_apart_from_pauses(gateway: BotoGateway, aws: Stubs) -> None:
    function = arn("lambda", "function:check")
    hooks = [
        {"hookId": "p", "status": "AWAITING_ACTION", "targetType": "PAUSE"},
        {"hookId": "f", "status": "IN_PROGRESS", "targetType": "AWS_LAMBDA", "targetArn": function},
    ]
    seen = {
        "serviceDeploymentArn": SERVICE_DEPLOYMENT, "status": "IN_PROGRESS", "lifecycleHookDetails": hooks,
        "deploymentConfiguration": {"strategy": "BLUE_GREEN"},
    }  # fmt: skip
    aws.add("ecs", "describe_service_deployments", {"serviceDeployments": [seen], "failures": []})

    native = gateway.service_deployments([SERVICE_DEPLOYMENT])[SERVICE_DEPLOYMENT]

    assert [hook.id for hook in native.hooks] == ["p"]
    assert [(hook.id, hook.name, hook.status) for hook in native.functions] == [("f", "check", "IN_PROGRESS")]
    assert native.configuration == {"strategy": "BLUE_GREEN"}
