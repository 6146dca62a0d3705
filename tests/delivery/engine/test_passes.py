"""What a pass does when something goes wrong in it, and what it leaves behind."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from deployments.aws import errors
from deployments.aws.actions import Made
from deployments.aws.values import Binding
from deployments.catalog.models import Environment, Webhook
from deployments.delivery import turning_back
from deployments.delivery.engine import leases, one_pass, passes, record
from deployments.delivery.models import Deployment
from deployments.delivery.views.deployment import deployment_view
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.swaps.decisions import Decision
from deployments.swaps.service_pair import ServicePair
from deployments.vocabulary import Stage, Status
from tests.delivery.engine.world import World, make_world
from tests.fakes.aws import SHOP, FakeGateway
from tests.outbound.web_server import Web, serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world(gate=False)


def second(world: World) -> Deployment:
    """Of another environment, whose account is in another region."""
    copy = Environment.objects.get(pk=world.environment.pk)
    copy.pk, copy.name, copy.region = None, "staging", "us-east-1"
    copy._state.adding = True
    copy.save()
    other = World(environment=copy, release=world.release, requester=world.requester, approver=world.approver)
    return other.request()


def again(deployment: Deployment) -> Deployment:
    deployment.refresh_from_db()
    return deployment


# Faults of our own


def test_a_fault_of_ours_puts_the_row_aside_for_a_minute(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    deployment = world.request()
    monkeypatch.setattr(world.aws, "target_groups", lambda arns: 1 / 0)

    with pytest.raises(ExceptionGroup) as caught:
        world.advance(deployment)

    assert isinstance(caught.value.exceptions[0], ZeroDivisionError)
    again(deployment)
    assert deployment.next_check_at == world.clock() + timedelta(seconds=60)
    assert deployment.waiting_for == (
        "Internal error (ZeroDivisionError). Traffic was left where it is; the log tells more."
    )
    assert (deployment.lease_token, world.kinds(deployment)[-1]) == ("", "aws.trouble")


def test_a_fault_that_is_put_right_is_forgotten(world: World) -> None:
    deployment = world.request()
    with pytest.MonkeyPatch.context() as patch, pytest.raises(ExceptionGroup):
        patch.setattr(world.aws, "target_groups", lambda arns: 1 / 0)
        world.advance(deployment)
    again(deployment)

    world.clock.forward(seconds=60)

    assert world.run(deployment).status == Status.SUCCESSFUL
    assert deployment.failures == 0


@pytest.mark.parametrize(
    "broken",
    [
        {"settings": {"controller": "SERVICE_PAIR", "colour": "teal"}},
        {"settings": {"controller": "TELEPORT"}},
        {"plan": {}},
        {"status": Status.IN_PROGRESS, "position": 99},
    ],
    ids=["settings", "controller", "plan", "position"],
)
def test_a_row_that_cannot_be_read_blocks_nobody(world: World, broken: dict[str, Any]) -> None:
    poisoned, healthy = world.request(), second(world)
    Deployment.objects.filter(pk=poisoned.pk).update(**broken)

    with pytest.raises(ExceptionGroup, match="could not be advanced"):
        passes.advance([poisoned.pk, healthy.pk], world.clock, lambda binding: world.aws)

    assert "Internal error" in again(poisoned).waiting_for
    assert again(healthy).stage != Stage.RECONCILE_SERVICE


def test_a_decision_that_nobody_carries_out_is_a_fault(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    deployment = world.request()
    controller = ServicePair
    monkeypatch.setattr(controller, "decide", lambda *_: Decision(reason="Teleport"))

    with pytest.raises(ExceptionGroup) as caught:
        world.advance(deployment)

    assert isinstance(caught.value.exceptions[0], NotImplementedError)


def test_a_fault_after_the_lease_was_lost_changes_nothing(world: World) -> None:
    deployment = world.request()

    def look(arns: object) -> None:
        Deployment.objects.update(lease_token="another")
        raise ZeroDivisionError

    with pytest.MonkeyPatch.context() as patch, pytest.raises(ExceptionGroup):
        patch.setattr(world.aws, "target_groups", look)
        world.advance(deployment)

    assert (again(deployment).lease_token, deployment.waiting_for) == ("another", "")


def test_without_credentials_the_row_says_so_and_waits(world: World) -> None:
    deployment = world.request()

    def connect(binding: Binding) -> FakeGateway:
        raise errors.Denied("GetCredentials", "NoCredentials", "Tealgate has no AWS credentials.")

    with pytest.raises(ExceptionGroup):
        passes.advance([deployment.pk], world.clock, connect)

    assert "Tealgate has no AWS credentials. Traffic was left where it is" in again(deployment).waiting_for
    assert (deployment.status, deployment.lease_token) == ("PENDING", "")


def test_credentials_that_do_not_come_are_waited_for_like_any_answer(world: World) -> None:
    deployment = world.request()

    def connect(binding: Binding) -> FakeGateway:
        raise errors.Unavailable("GetCredentials", "CredentialRetrievalError", "The task's endpoint answered 500.")

    passes.advance([deployment.pk], world.clock, connect)

    row = again(deployment)
    assert "The task's endpoint answered 500. Traffic stays where it is; tried 1 time, again in 1 s" in row.waiting_for
    assert (row.status, row.lease_token) == ("PENDING", "")
    world.clock.forward(seconds=1)
    assert world.advance(row).status == "IN_PROGRESS"


# Leases


def test_what_somebody_else_works_on_is_passed_over(world: World) -> None:
    deployment = world.request()
    leases.claim(deployment.pk, "another", world.clock())

    world.advance(deployment)

    assert (deployment.status, world.aws.calls.total()) == ("PENDING", 0)


def test_a_pass_that_never_comes_to_a_wait_gives_the_row_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_pass, "MOST_DECISIONS", 2)
    deployment = world.advance(world.request())

    assert (deployment.status, deployment.lease_token) == ("IN_PROGRESS", "")
    assert Deployment.objects.due(world.clock()).get() == deployment


def test_a_worker_that_lost_its_lease_writes_nothing_more(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    deployment = world.request()
    perform = world.aws.perform

    def taken_over(action: Any) -> Made:
        made: Made = perform(action)
        Deployment.objects.update(lease_token="another", lease_expires_at=world.clock() + timedelta(seconds=90))
        return made

    monkeypatch.setattr(world.aws, "perform", taken_over)
    world.advance(deployment)

    assert (deployment.lease_token, len(world.aws.performed)) == ("another", 1)
    assert "register" not in deployment.facts.get("done", [])


def test_a_lease_that_was_lost_before_the_write_stops_the_write(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    deployment, intended = world.request(), record.intended

    def lost_before(*args: Any) -> None:
        Deployment.objects.update(lease_token="another")
        intended(*args)

    monkeypatch.setattr(record, "intended", lost_before)

    world.advance(deployment)

    assert world.aws.performed == []
    assert deployment.lease_token == "another"


# Errors of AWS


def test_transient_errors_back_off_and_are_shown(world: World) -> None:
    deployment = world.run(world.request(), until=Stage.PRODUCTION_TRAFFIC_SHIFT)
    world.aws.fail_next("rule", errors.Throttled, times=8)

    pauses = []
    for _ in range(8):
        world.clock.forward(seconds=30)
        world.advance(deployment)
        assert deployment.next_check_at is not None
        pauses.append((deployment.next_check_at - world.clock()).seconds)

    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]
    assert "Traffic stays where it is; tried 8 times, again in 30 s" in deployment.waiting_for
    assert (world.kinds(deployment).count("aws.trouble"), world.share("green")) == (1, 10)


@pytest.mark.parametrize("error", [errors.Denied, errors.Invalid, errors.NotFound, errors.Changed])
def test_a_permanent_error_turns_back(world: World, error: type[errors.AwsError]) -> None:
    deployment = world.run(world.request(), until=Stage.PRODUCTION_TRAFFIC_SHIFT)
    world.aws.fail_next("rule", error)

    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert "AWS answered rule with Injected: injected by the test" in deployment.status_reason
    assert world.share("blue") == 100


def test_a_write_that_is_refused_for_good_turns_back(world: World) -> None:
    world.aws.fail_next("SetWeights", errors.Denied)

    deployment = world.run(world.request())

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert deployment.failure
    assert deployment.failure["sentence"].startswith("AWS answered SetWeights")


@pytest.mark.parametrize("error", [errors.Denied, errors.Invalid])
def test_a_good_release_is_not_taken_back_because_the_clean_up_is_refused(
    world: World, error: type[errors.AwsError]
) -> None:
    deployment = world.run(world.request(), until=Stage.CLEAN_UP)
    world.advance(deployment)
    world.aws.fail_next("UpdateService", error, times=3)

    world.clock.forward(seconds=world.environment.termination_wait_seconds)
    world.advance(deployment)

    assert deployment.waiting_for == (
        "AWS answered UpdateService with Injected: injected by the test. 1.1.0 is good and stays, only the clean-up is "
        "left: mend this, or roll back; tried 1 time, again in 1 s"
    )
    assert (world.share("green"), world.kinds(deployment).count("aws.trouble")) == (100, 1)
    assert world.run(deployment).status == Status.SUCCESSFUL


def test_a_rule_that_is_gone_while_the_source_is_warm_is_no_mere_refusal(world: World) -> None:
    deployment = world.run(world.request(), until=Stage.CLEAN_UP)
    world.aws.fail_next("rule", errors.NotFound, times=10)

    assert world.run(deployment).status == Status.ROLLBACK_FAILED


def test_who_does_not_want_to_wait_for_a_clean_up_that_is_refused_may_stop_and_roll_back(world: World) -> None:
    deployment = world.run(world.request(), until=Stage.CLEAN_UP)
    world.advance(deployment)
    world.aws.fail_next("UpdateService", errors.Denied)
    world.clock.forward(seconds=world.environment.termination_wait_seconds)
    world.advance(deployment)

    turning_back.stop(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())

    assert world.run(deployment).status == Status.ROLLBACK_SUCCESSFUL
    assert world.share("blue") == 100


def test_a_permanent_error_before_anything_was_changed_just_stops(world: World) -> None:
    world.aws.fail_next("RegisterTaskDefinition", errors.Denied)

    deployment = world.run(world.request())

    assert deployment.status == Status.STOPPED
    assert deployment.status_reason.endswith(
        "Production was not touched: Tealgate moved no traffic and changed no service."
    )


def test_that_nothing_was_touched_is_said_once(world: World) -> None:
    world.aws.fail_next("RegisterTaskDefinition", errors.Denied)
    deployment = world.run(world.request())

    view = deployment_view(deployment, principal=Principal.person(world.requester), now=world.clock())

    assert "touched" in view.headline
    assert "touched" not in view.place


@pytest.mark.parametrize(("waits", "most"), [(0, 1), (3, 4), (7, 15), (5000, 15)])
def test_the_poll_backs_off_to_15_seconds_however_long_it_takes(world: World, waits: int, most: float) -> None:
    world.aws.scale_after = 99
    deployment = world.advance(world.request())
    Deployment.objects.update(waits=waits)

    world.clock.forward(seconds=15)
    world.advance(deployment)

    assert deployment.next_check_at is not None
    pause = (deployment.next_check_at - world.clock()).total_seconds()
    assert (pause <= most, deployment.waits) == (True, waits + 1)


def test_trouble_that_lasts_for_days_is_still_counted(world: World) -> None:
    deployment = world.run(world.request(), until=Stage.PRODUCTION_TRAFFIC_SHIFT)
    Deployment.objects.update(failures=20_000)
    world.aws.fail_next("rule", errors.Unavailable)

    world.clock.forward(seconds=60)
    world.advance(deployment)

    assert (deployment.failures, deployment.next_check_at) == (20_001, world.clock() + timedelta(seconds=30))


# Failures are captured before their traces are cleaned away


def test_what_cannot_be_captured_is_said(world: World) -> None:
    deployment = world.run(world.request(), until=Stage.PRODUCTION_TRAFFIC_SHIFT)
    world.aws.alarm(SHOP.alarm, "ALARM")
    world.aws.fail_next("tasks", errors.Denied)

    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert deployment.failure
    assert deployment.failure["not_captured"].startswith("AWS answered tasks")


# Smoke checks and webhooks


@pytest.fixture
def tested(world: World) -> Callable[..., Deployment]:
    def run(web: Web) -> Deployment:
        Environment.objects.update(test_url=web.url)
        return world.run(world.request())

    return run


def test_smoke_checks_and_webhooks_are_sent_where_the_environment_says(
    world: World, tested: Callable[..., Deployment], settings: Any
) -> None:
    settings.WEBHOOK_SECRETS = {"QA": "0123456789abcdef"}
    sent = "Host: shop.example.com\nX-Forwarded-Proto: https"
    world.environment.smoke_checks.create(path="/", contains="ok", headers=sent, follow_redirects=True)
    answers = {"/": (302, {"Location": "https://shop.example.com/health"}, b""), "/health": (200, {}, b"ok")}
    with serving(Web(answers={**answers, "/hook/token": (204, {}, b"")})) as web:
        world.environment.webhooks.create(url=f"{web.url}/hook/token", secret="QA")
        deployment = tested(web)

    assert deployment.status == Status.SUCCESSFUL
    assert [result["ok"] for result in deployment.facts["smoke"]] == [True, True]
    assert "/hook/token" not in str(deployment.facts)
    (headers,) = [headers for path, headers, _ in web.seen if path == "/hook/token"]
    assert headers["x-tealgate-signature"].startswith("sha256=")


def test_a_webhook_that_refuses_turns_the_deployment_back(world: World, tested: Callable[..., Deployment]) -> None:
    with serving(Web(answers={"/hook": (500, {}, b"")})) as web:
        world.environment.webhooks.create(url=f"{web.url}/hook")
        deployment = tested(web)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert "1 of 1 check failed" in deployment.status_reason
    assert world.kinds(deployment).count("checks.failed") == 3


def test_a_webhook_whose_secret_is_not_set_is_not_sent(world: World, tested: Callable[..., Deployment]) -> None:
    with serving(Web()) as web:
        world.environment.webhooks.create(url=f"{web.url}/hook/token", secret="QA")
        deployment = tested(web)

    assert "The signing secret QA of 127.0.0.1" in deployment.status_reason
    assert "is not set (WEBHOOK_SECRET_QA)" in deployment.status_reason
    assert ("/token" in deployment.status_reason, web.seen) == (False, [])


def test_where_a_webhook_leads_is_read_when_it_is_sent(world: World) -> None:
    """Its address holds a token, so no deployment keeps it; a new token is sent to."""
    with serving(Web(answers={"/hook/new": (204, {}, b"")})) as web:
        hook = world.environment.webhooks.create(url=f"{web.url}/hook/token")
        deployment = world.request()
        assert "token" not in str(deployment.settings)
        Webhook.objects.filter(pk=hook.pk).update(url=f"{web.url}/hook/new")
        world.run(deployment)

    assert (deployment.status, [path for path, _, _ in web.seen]) == (Status.SUCCESSFUL, ["/hook/new"])


@pytest.mark.parametrize("meanwhile", ["deleted", "moved"])
def test_a_webhook_that_is_another_one_now_is_not_sent(world: World, meanwhile: str) -> None:
    with serving(Web(answers={"/hook/token": (204, {}, b"")})) as web:
        hook = world.environment.webhooks.create(url="https://tests.example/hook/token")
        deployment = world.request()
        if meanwhile == "deleted":
            hook.delete()
        else:
            Webhook.objects.update(url=f"{web.url}/hook/token")
        world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert "The webhook to tests.example " in deployment.status_reason
    assert web.seen == []


# Writes whose end nobody heard


def lost(world: World, operation: str) -> Deployment:
    """The answer to the first such write was lost, and the deployment stopped before it could look again."""
    deployment = world.request()
    world.aws.fail_next(operation, errors.Unavailable, after_write=True)
    while not deployment.failures:
        world.advance(deployment)
        world.clock.forward(seconds=1)
    turning_back.stop(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    return deployment


def test_a_task_definition_that_may_have_been_registered_is_found(world: World) -> None:
    world.aws.fail_next("RegisterTaskDefinition", errors.Unavailable, after_write=True)

    deployment = world.run(world.request())

    assert deployment.status == Status.SUCCESSFUL
    assert deployment.facts["task_definition"] == SHOP.task_definition(2)
    assert SHOP.task_definition(3) not in world.aws.task_definitions


def test_a_test_listener_that_may_have_been_moved_is_moved_back(world: World) -> None:
    deployment = world.run(lost(world, "SetWeights"))

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert world.aws.rules[SHOP.test_rule].share(SHOP.target_group("blue")) == 100


def test_a_target_that_may_have_been_scaled_up_is_scaled_down(world: World) -> None:
    deployment = world.run(lost(world, "UpdateService"))

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert world.aws.ecs[SHOP.cluster, "shop-green"].desired == 0


def test_a_second_try_of_the_way_back_still_knows_what_may_have_happened(world: World) -> None:
    deployment = lost(world, "UpdateService")
    world.aws.fail_next("rule", errors.Denied)
    assert world.run(deployment).status == Status.ROLLBACK_FAILED

    turning_back.retry_roll_back(deployment=deployment, principal=Principal.person(world.requester), now=world.clock())
    world.run(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL
    assert world.aws.ecs[SHOP.cluster, "shop-green"].desired == 0


# Gates


def test_a_gate_is_opened_for_the_groups_of_its_policy() -> None:
    world = make_world()
    group = world.environment.gate_policies.get().groups.create(name="Quality")
    world.approver.groups.add(group)

    deployment = world.run(world.request())

    assert list(deployment.gates.get().groups.all()) == [group]
    assert not Event.objects.filter(chain__name="people").exists()


def test_a_group_that_is_called_otherwise_by_now_is_made_again_and_told() -> None:
    world = make_world()
    group = world.environment.gate_policies.get().groups.create(name="Quality")
    world.approver.groups.add(group)
    deployment = world.request()
    type(group).objects.filter(pk=group.pk).update(name="Assurance")

    world.run(deployment)

    made = deployment.gates.get().groups.get()
    assert (made.name, made.user_set.count()) == ("Quality", 0)
    told = Event.objects.get(chain__name="people")
    assert (told.kind, told.actor, told.message) == ("group.added", "tealgate", "Group Quality added")


# A worker that is asked to stop


def test_while_draining_a_deployment_is_handed_back_after_its_current_decision(world: World) -> None:
    deployments = [world.request(), second(world)]
    ids = [deployment.pk for deployment in deployments]
    answers = iter([False, True, True])

    passes.advance(ids, world.clock, lambda binding: world.aws, lambda: next(answers))

    assert sorted(again(each).status for each in deployments) == [Status.IN_PROGRESS, Status.PENDING]
    assert {(each.lease_token, each.next_check_at) for each in deployments} == {("", world.clock())}
    assert [leases.claim(pk, "next", world.clock()) for pk in ids] == [True, True]
