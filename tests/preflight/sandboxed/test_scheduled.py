"""Scheduled tasks that are to get the release: each failure made in the account, and what people read."""

from collections.abc import Callable
from typing import Any

import pytest

from deployments.frozen import ScheduledSpec
from deployments.preflight.report import Level
from tests.preflight.sandboxed import making
from tests.preflight.sandboxed.failures import Failure, is_told
from tests.preflight.sandboxed.scene import Scene

GROUP, WARNING = "scheduled-tasks", Level.WARNING


def family_of(arn: str) -> str:
    return arn.rpartition("/")[2].partition(":")[0]


def named(scene: Scene, arn: str, **images: str) -> None:
    scene.change(scheduled=(ScheduledSpec(family=family_of(arn), images=images),))


def cron(scene: Scene, arn: str = "", role: str = "", **container: Any) -> str:
    """A rule starts a family, and the environment names it."""
    arn = arn or making.definition(scene, container or {"image": scene.world["repository_uri"] + "@sha256:" + "1" * 64})
    making.rule_of_tasks(scene, arn, role)
    named(scene, arn)
    return arn


def nobody_starts_it(scene: Scene) -> None:
    named(scene, making.definition(scene))


def gone(scene: Scene) -> None:
    cron(scene, making.definition(scene).rpartition(":")[0] + ":99")


def deregistered(scene: Scene) -> None:
    arn = cron(scene)
    scene.aws("ecs").deregister_task_definition(taskDefinition=arn)


def by_tag(scene: Scene) -> None:
    cron(scene, image="shop:nightly")


def of_an_aws_service(scene: Scene) -> None:
    """moto lets nobody say so; AWS's services do."""
    cron(scene)
    making.managed(scene, "batch.amazonaws.com")


def no_container_fits(scene: Scene) -> None:
    sides = [{"name": name, "image": "other:1", "essential": True, "memory": 64} for name in ("job", "proxy")]
    cron(scene, making.definition(scene, containerDefinitions=sides))
    scene.release = scene.released("1.1.0")


def says_a_container_that_is_not_there(scene: Scene) -> None:
    named(scene, cron(scene), beat="web")
    scene.release = scene.released("1.1.0")


def says_an_image_that_is_not_there(scene: Scene) -> None:
    named(scene, cron(scene), web="nginx")
    scene.release = scene.released("1.1.0")


def two_revisions(scene: Scene) -> None:
    arn = cron(scene)
    making.rule_of_tasks(scene, arn.rpartition(":")[0])
    scene.aws("ecs").register_task_definition(
        family=family_of(arn), containerDefinitions=[{"name": "web", "image": "other:1", "memory": 64}]
    )


def own_family_alone(scene: Scene) -> None:
    arn = making.definition(scene)
    scene.serve(making.service(scene, arn))
    cron(scene, arn.rpartition(":")[0])


def may_not(action: str, start: Callable[[Scene], object] = cron) -> Callable[[Scene], None]:
    def make(scene: Scene) -> None:
        start(scene)
        making.take_away(scene, action)

    return make


def may_not_look(scene: Scene) -> None:
    """IAM is enforced by the calls themselves only where a sandbox is told so; here AWS answers that it does."""
    cron(scene)
    scene.fault("deny", "events", "ListRuleNamesByTarget")


def on_servers(scene: Scene) -> None:
    scene.change(scheduled=(ScheduledSpec(family="cron"),))


def scheduled(scene: Scene) -> str:
    arn = making.definition(scene, {"image": scene.world["repository_uri"] + "@sha256:" + "1" * 64})
    making.schedule_of_tasks(scene, arn)
    named(scene, arn)
    return arn


def role_of_one_revision(scene: Scene) -> None:
    """As CDK makes it."""
    arn = making.definition(scene)
    run, handed = {"Action": "ecs:RunTask", "Resource": arn}, {"Action": "iam:PassRole", "Resource": "*"}
    cron(scene, arn, making.starter(scene, "events.amazonaws.com", run, handed))


def role_that_hands_nothing_on(scene: Scene) -> None:
    run = {"Action": "ecs:RunTask", "Resource": "*"}
    cron(scene, role=making.starter(scene, "events.amazonaws.com", run))


def role_deleted(scene: Scene) -> None:
    role = making.starter(scene, "events.amazonaws.com")
    cron(scene, role=role)
    scene.aws("iam").delete_role_policy(RoleName=role.rpartition("/")[2], PolicyName="run")
    scene.aws("iam").delete_role(RoleName=role.rpartition("/")[2])


def may_not_ask_of_others(scene: Scene) -> None:
    cron(scene)
    scene.fault("deny", "iam", "SimulatePrincipalPolicy")


ROLES = "scheduled-roles"
FAILURES = (
    Failure(role_of_one_revision, GROUP, ROLES, "and on no other revision: nothing of a release would start, and"),
    Failure(role_that_hands_nothing_on, GROUP, ROLES, "nothing starts now, nor will of a release.", level=WARNING),
    Failure(role_deleted, GROUP, ROLES, ", which does not exist: nothing starts now", level=WARNING),
    Failure(may_not_ask_of_others, GROUP, ROLES, "may start the release is not known", level=Level.UNKNOWN),
    Failure(nobody_starts_it, GROUP, GROUP, "No rule of the default event bus and no schedule starts", level=WARNING),
    Failure(gone, GROUP, GROUP, ", which does not exist. Have it start a revision of case-"),
    Failure(deregistered, GROUP, GROUP, "which is INACTIVE: ECS refuses that, so nothing runs now.", level=WARNING),
    Failure(by_tag, GROUP, GROUP, "names images by a tag: shop:nightly. After a roll back", level=WARNING),
    Failure(of_an_aws_service, GROUP, GROUP, "is managed by batch.amazonaws.com, which lets nobody", level=WARNING),
    Failure(no_container_fits, GROUP, GROUP, "(job, proxy) has the name or the repository of an image of release"),
    Failure(says_a_container_that_is_not_there, GROUP, GROUP, "has no container beat, which the environment gives"),
    Failure(says_an_image_that_is_not_there, GROUP, GROUP, "Release 1.1.0 has no image for nginx, which case-"),
    Failure(two_revisions, GROUP, GROUP, "the release of the one would be started by the other. Have both name"),
    Failure(own_family_alone, GROUP, GROUP, "which is the service's own family: it would start a release as soon as"),
    Failure(may_not_look, GROUP, GROUP, "What starts the scheduled families cannot be read, because the role"),
    Failure(may_not("events:PutTargets"), GROUP, "permissions", "To have rules start the release, the role tealgate-"),
    Failure(may_not("scheduler:UpdateSchedule", scheduled), GROUP, "permissions", "To have schedules start the"),
    Failure(may_not("iam:PassRole"), GROUP, "permissions", "with the condition iam:PassedToService = events.amazonaws"),
    Failure(on_servers, GROUP, GROUP, "installs on servers and names scheduled families (cron)", "servers"),
    *(
        Failure(nobody_starts_it, GROUP, GROUP, "No rule of the default event bus and no", kind, WARNING)
        for kind in ("ROLLING", "ECS", "CODE_DEPLOY")
    ),
)  # fmt: skip


@pytest.mark.parametrize("failure", FAILURES, ids=str)
def test_people_read_what_is_wrong_with_scheduled_tasks(failure: Failure, scene: Scene) -> None:
    is_told(failure, scene)


@pytest.mark.parametrize("controller", ["SERVICE_PAIR"])
def test_what_starts_a_family_is_said_with_when_it_does(scene: Scene, controller: str) -> None:
    arn = cron(scene)
    making.schedule_of_tasks(scene, arn)
    scene.release = scene.released("1.1.0")

    report = scene.look(GROUP)

    (result,) = (each for each in report.results if each.check == GROUP)
    said = result.seen
    assert result.level is Level.OK
    assert "gets the release's image after production; started by rule case-" in said
    assert f"(rate(1 day), {arn.rpartition('/')[2]}) and schedule default/case-" in said
    assert "(rate(1 hour), disabled, " in said
