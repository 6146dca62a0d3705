"""Old task definitions after deployments that ended well: which go, and all that keeps one."""

from collections.abc import Collection, Mapping
from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from deployments import clock, tasks
from deployments.aws import errors
from deployments.aws.actions import DeregisterTaskDefinition
from deployments.catalog.freezing import freeze
from deployments.delivery import queue, tidying
from deployments.delivery.models import Deployment, Tidying
from deployments.delivery.tidying import passes
from deployments.delivery.tidying.choosing import old
from deployments.ops.errands import Errands
from deployments.vocabulary import DEPLOYMENT_TAG, Status
from tests.delivery.engine.rolling_world import api, make_rolling_world
from tests.delivery.engine.world import World, make_release, make_world
from tests.fakes.aws import API, SHOP, FakeGateway

pytestmark = pytest.mark.django_db


def revision(number: int) -> str:
    return API.task_definition(number)


@pytest.fixture
def world() -> World:
    return make_rolling_world(bake_seconds=1, keep_revisions=2)


@pytest.fixture
def deployed(world: World) -> World:
    """api:1 is Terraform's; six releases were deployed one after the other, the last one as api:7."""
    for number in range(2, 7):
        remember(world, number)
    api(world).update(task_definition=revision(6), desired=None, lag=0)
    deployment = deploy(world, 7)
    assert deployment.facts["task_definition"] == revision(7)
    return world


def remember(world: World, number: int) -> None:
    """A deployment that ended well long ago, and what it registered."""
    row = Deployment.objects.create(
        environment=world.environment,
        release=make_release(world.environment.application, f"2.{number}.0", str(number)[-1]),
        requested_by=world.requester,
        strategy="ROLLING",
        plan={},
        settings=freeze(world.environment).as_json(),
        status=Status.SUCCESSFUL,
        facts={"task_definition": revision(number), "source_task_definition": revision(number - 1)},
        created_at=world.clock(),
    )
    live = world.aws.task_definitions[revision(1)]
    tags = {DEPLOYMENT_TAG: row.key}
    world.aws.task_definitions[revision(number)] = replace(live, arn=revision(number), revision=number, tags=tags)


def deploy(world: World, number: int) -> Deployment:
    release = make_release(world.environment.application, f"2.{number}.0", str(number)[-1])
    deployment = world.run(world.request("ROLLING", release))
    assert deployment.status == Status.SUCCESSFUL, deployment.status_reason
    return deployment


def tidy(world: World) -> list[str]:
    """The revisions that it deregisters, such as "api:2"."""
    before = len(world.aws.performed)
    tidying.tidy(world.clock(), lambda binding: world.aws)
    made = world.aws.performed[before:]
    return [each.task_definition.rsplit("/", 1)[-1] for each in made if isinstance(each, DeregisterTaskDefinition)]


def row() -> Tidying:
    return Tidying.objects.get()


def test_the_newest_of_ours_stay_and_nothing_of_anybody_elses_goes() -> None:
    assert old(("s:9", "s:8", "s:7", "s:6", "s:5"), {"s:8", "s:7", "s:5"}, 2, set()) == ("s:5",)
    assert old(("s:9", "s:8", "s:7", "s:6", "s:5"), {"s:9", "s:8", "s:6", "s:5"}, 2, {"s:6"}) == ("s:5",)
    assert old(("s:9", "s:8"), {"s:9", "s:8", "s:1"}, 2, set()) == ()


def test_after_a_success_all_but_the_newest_go_and_the_log_names_each(deployed: World) -> None:
    assert tidy(deployed) == ["api:2", "api:3", "api:4", "api:5"]

    newest = Deployment.objects.latest("pk")
    events = list(newest.events.filter(kind="aws.DeregisterTaskDefinition").order_by("pk"))
    assert events[0].message == (
        "api:2 (2.2.0) was deregistered: it is older than the newest 2 that Tealgate registered here, and nothing uses "
        "it"
    )
    assert events[0].data == {"action": {"operation": "DeregisterTaskDefinition", "task_definition": revision(2)}}
    assert len(events) == 4
    assert row().due_at is None
    assert row().says == (
        "Of api, the newest 2 task definitions that Tealgate registered here are ACTIVE, and older ones only where a "
        "deployment may need them."
    )
    assert tidy(deployed) == []


def test_the_environments_page_says_what_became_of_them(deployed: World, client: Client) -> None:
    deployed.aws.uses[revision(3)] = "rule <nightly>"
    tidy(deployed)
    client.force_login(User.objects.create_superuser("root"))

    page = client.get(reverse("admin:deployments_environment_change", args=[deployed.environment.pk])).content.decode()

    assert "1 older one is in use: api:3 by rule &lt;nightly&gt;." in page
    assert "api:2 (2.2.0) was deregistered" in page


def test_without_a_policy_nothing_is_looked_at(world: World) -> None:
    world.environment.keep_revisions = None
    world.environment.save()
    for number in range(2, 5):
        remember(world, number)
    deploy(world, 5)
    world.aws.calls.clear()

    assert tidy(world) == []
    assert (Tidying.objects.exists(), dict(world.aws.calls)) == (False, {})


def test_a_policy_that_was_taken_away_since_is_gone_by(deployed: World) -> None:
    deployed.environment.keep_revisions = None
    deployed.environment.save()

    assert tidy(deployed) == []
    assert row().due_at is None


def test_what_somebody_uses_stays_and_is_told(deployed: World) -> None:
    deployed.aws.uses[revision(3)] = "rule nightly"

    assert tidy(deployed) == ["api:2", "api:4", "api:5"]
    assert row().says.endswith("1 older one is in use: api:3 by rule nightly.")


def test_the_release_before_stays_although_it_is_old(deployed: World) -> None:
    """What is live, and what was there before, are among the oldest, however that came about."""
    Deployment.objects.filter(pk=Deployment.objects.latest("pk").pk).update(
        facts={
            **Deployment.objects.latest("pk").facts,
            "task_definition": revision(3),
            "source_task_definition": revision(2),
        }
    )
    api(deployed).update(task_definition=revision(3), desired=None, lag=0)

    assert tidy(deployed) == ["api:4"]


@pytest.mark.parametrize("status", [Status.ROLLBACK_FAILED, Status.FAILED, Status.STOPPED])
def test_what_a_failed_deployment_may_be_turned_back_to_stays(deployed: World, status: Status) -> None:
    """It came after the success that asked for tidying, and a person may have its roll back tried again."""
    last = Deployment.objects.latest("pk")
    Deployment.objects.create(
        **{
            field.name: getattr(last, field.name)
            for field in Deployment._meta.concrete_fields
            if field.name not in ("id", "key", "facts", "status")
        },
        status=status,
        facts={"source_task_definition": revision(2), "source_pinned": revision(4)},
    )

    assert tidy(deployed) == ["api:3", "api:5"]


def test_another_environment_of_the_same_family_keeps_what_it_may_need_and_its_own(deployed: World) -> None:
    other = deployed.environment
    mine = Deployment.objects.order_by("pk")[0]
    other.pk, other.name = None, "staging"
    other.save()
    Deployment.objects.filter(pk=mine.pk).update(environment=other)

    # api:2 is of the other's deployment, and api:1, which it came from, nobody's here.
    assert tidy(deployed) == ["api:3", "api:4", "api:5"]


def cron(number: int) -> str:
    return revision(number).replace("/api:", "/cron:")


def test_revisions_of_scheduled_families_go_too_a_few_at_a_time_but_not_what_a_rule_names(deployed: World) -> None:
    """Each deployment made one from the one before: cron:2 to cron:7."""
    for number, deployment in enumerate(Deployment.objects.order_by("pk"), start=2):
        deployment.facts["scheduled"] = {cron(number - 1): cron(number)}
        deployment.save()
        live, tags = deployed.aws.task_definitions[revision(1)], {DEPLOYMENT_TAG: f"{deployment.key}-cron-{number - 1}"}
        made = replace(live, arn=cron(number), family="cron", revision=number, tags=tags)
        deployed.aws.task_definitions[cron(number)] = made
    deployed.aws.uses[cron(3)] = "rule monthly"

    assert tidy(deployed) == ["api:2", "api:3", "api:4", "api:5", "cron:2"]
    deployed.clock.forward(seconds=61)
    assert tidy(deployed) == ["cron:4", "cron:5"]
    assert row().says.endswith("1 older one is in use: cron:3 by rule monthly.")


def test_what_does_not_carry_our_tag_stays_however_much_of_it_there_is(world: World) -> None:
    """Such as after our database was put back, and the numbers were used for other deployments."""
    for number in range(2, 10):
        remember(world, number)
    for number in range(2, 2 + passes.MOST):
        kept = world.aws.task_definitions[revision(number)]
        world.aws.task_definitions[revision(number)] = replace(kept, tags={DEPLOYMENT_TAG: "of-another"})
    api(world).update(task_definition=revision(9), desired=None, lag=0)
    deploy(world, 10)

    assert tidy(world) == ["api:7", "api:8"]


def test_a_deployment_under_way_is_not_disturbed_and_its_end_has_it_done(deployed: World) -> None:
    deployment = deployed.request("ROLLING")
    deployed.aws.calls.clear()

    assert tidy(deployed) == []
    assert not deployed.aws.calls

    deployed.run(deployment)
    assert "api:2" in tidy(deployed)


def test_a_deployment_that_begins_meanwhile_ends_it_until_later(deployed: World) -> None:
    class Clicked(FakeGateway):
        """Somebody deploys while it is asked who uses what."""

        def revisions_in_use(self, families: Collection[str]) -> Mapping[str, str]:
            deployed.request("ROLLING")
            return super().revisions_in_use(families)

    deployed.aws.__class__ = Clicked

    assert tidy(deployed) == []
    assert row().due_at == deployed.clock() + passes.AGAIN_AFTER


@pytest.mark.parametrize("refused", ["revisions_in_use", "DeregisterTaskDefinition", "active_revisions"])
def test_what_aws_does_not_allow_is_said_once_and_fails_no_deployment(deployed: World, refused: str) -> None:
    deployed.aws.fail_next(refused, errors.Denied)

    assert tidy(deployed) == []

    newest = Deployment.objects.latest("pk")
    said = newest.events.get(kind="environment.not_tidied").message
    assert said.startswith("Old task definitions stay ACTIVE: AWS answered ")
    assert "Give its role what infra/iam/tidying.json allows as well" in said
    assert (newest.status, row().due_at, row().says) == (Status.SUCCESSFUL, None, said)
    deployed.clock.forward(days=1)
    assert tidy(deployed) == []


def test_where_aws_does_not_answer_it_is_tried_again_ever_later(deployed: World) -> None:
    deployed.aws.fail_next("revisions_in_use", errors.Throttled, times=2)
    pauses = []
    for _ in range(2):
        assert tidy(deployed) == []
        due = row().due_at
        assert due
        pauses.append((due - deployed.clock()).total_seconds())
        deployed.clock.forward(seconds=pauses[-1])

    assert pauses == [60, 120]
    assert tidy(deployed) == ["api:2", "api:3", "api:4", "api:5"]


def test_what_went_while_nobody_heard_is_told_by_the_next_one(deployed: World) -> None:
    deployed.aws.fail_next("DeregisterTaskDefinition", errors.Unavailable, after_write=True)
    tidy(deployed)
    assert row().begun == revision(2)

    deployed.clock.forward(seconds=60)
    assert tidy(deployed) == ["api:3", "api:4", "api:5"]

    told = Deployment.objects.latest("pk").events.filter(kind="aws.DeregisterTaskDefinition")
    assert [event.message.split()[0] for event in told.order_by("pk")] == ["api:2", "api:3", "api:4", "api:5"]


@pytest.mark.parametrize(
    ("after_write", "left"), [(False, ["api:2", "api:3", "api:4", "api:5"]), (True, ["api:3", "api:4", "api:5"])]
)
def test_a_worker_that_is_killed_leaves_it_to_the_next_one_and_two_never_do_it_at_once(
    deployed: World, after_write: bool, left: list[str]
) -> None:
    class Killed(BaseException):
        pass

    deployed.aws.fail_next("DeregisterTaskDefinition", Killed(), after_write=after_write)
    with pytest.raises(Killed):
        tidy(deployed)

    assert tidy(deployed) == []
    deployed.clock.forward(seconds=120)
    assert tidy(deployed) == left
    told = Deployment.objects.latest("pk").events.filter(kind="aws.DeregisterTaskDefinition")
    assert [event.message.split()[0] for event in told.order_by("pk")] == ["api:2", "api:3", "api:4", "api:5"]


def test_a_release_whose_revision_is_gone_is_deployed_again_as_a_new_one(deployed: World) -> None:
    tidy(deployed)
    first = Deployment.objects.order_by("pk")[0]

    again = deployed.run(deployed.request("ROLLING", first.release))

    assert again.status == Status.SUCCESSFUL, again.status_reason
    assert again.facts["task_definition"] == revision(8)
    assert deployed.aws.task_definitions[revision(8)].images["web"] == first.release.images.get().pinned


def test_a_pairs_old_revisions_go_too() -> None:
    world = make_world(gate=False, keep_revisions=2, bake_seconds=1, termination_wait_seconds=1, strategy="BLUE_GREEN")
    for number in range(2, 6):
        release = make_release(world.environment.application, f"2.{number}.0", str(number)[-1])
        deployment = world.run(world.request("BLUE_GREEN", release))
        assert deployment.status == Status.SUCCESSFUL, deployment.status_reason

    assert tidy(world) == ["shop:2", "shop:3"]
    assert SHOP.task_definition(5) in {each.task_definition for each in world.aws.ecs.values()}


def test_the_heartbeat_has_it_done(deployed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(queue, "ask", asked.append)
    monkeypatch.setattr(tasks, "connect", lambda binding: deployed.aws)
    monkeypatch.setattr(clock, "now", deployed.clock)

    Errands().ask(deployed.clock())
    tasks.look_around()

    assert asked == ["look_around"]
    assert deployed.aws.task_definitions[revision(2)].status == "INACTIVE"
