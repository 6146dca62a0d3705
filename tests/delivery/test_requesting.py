import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import IntegrityError
from django_q.models import OrmQ
from pytest_django.fixtures import Settings

from deployments.aws import errors
from deployments.catalog import environments, offers
from deployments.catalog.freezing import freeze
from deployments.catalog.models import Application, Environment
from deployments.delivery import admission
from deployments.delivery import requests as services
from deployments.delivery.models import Deployment
from deployments.frozen import EnvironmentSettings, Plan, SmokeSpec
from deployments.people import roles
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.refused import Refused
from deployments.vocabulary import Status, Strategy
from tests.delivery import stages
from tests.delivery.engine.world import NOON, World, make_release
from tests.fakes.aws import FakeGateway

Captured = Callable[..., AbstractContextManager[list[Any]]]


def request(shop: World, **changes: Any) -> Deployment:
    usual = {
        "environment": shop.environment,
        "release": shop.release,
        "strategy": "CANARY",
        "principal": Principal.person(shop.requester),
        "reason": "because",
        "now": shop.clock(),
    }
    return services.request_deployment(**{**usual, **changes})


def refusal(shop: World, **changes: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        request(shop, **changes)
    assert not Deployment.objects.exclude(status=Status.IN_PROGRESS).exists()
    return caught.value


def test_a_request_is_a_row_that_is_due_at_once(shop: World) -> None:
    deployment = request(shop, reason="  ticket 42 ")

    assert (deployment.status, deployment.next_check_at, deployment.reason) == ("PENDING", NOON, "ticket 42")
    assert Deployment.objects.due(NOON).get() == deployment


def test_what_was_seen_is_frozen_with_the_request(shop: World) -> None:
    shop.environment.gate_policies.create()
    deployment = request(shop)
    Environment.objects.update(canary_percent=50, alarms="")
    shop.environment.gate_policies.all().delete()

    deployment.refresh_from_db()
    plan = Plan.from_json(deployment.plan)
    assert plan.ladder == (10, 100)
    assert [step.stage for step in plan.steps if step.gate] == ["POST_TEST_TRAFFIC_SHIFT"]
    assert EnvironmentSettings.from_json(deployment.settings).alarms == ("shop-5xx",)
    assert deployment.plan_hash == plan.hash


def test_arns_of_clusters_and_services_are_kept_as_names(shop: World) -> None:
    """Scaling would not be found by an ARN, and so not be suspended."""
    base = "arn:aws:ecs:eu-central-1:123456789012"
    Environment.objects.update(cluster=f"{base}:cluster/shop", blue_service=f"{base}:service/shop/shop-blue")

    frozen = EnvironmentSettings.from_json(request(shop).settings)

    assert (frozen.cluster, frozen.blue_service, frozen.green_service) == ("shop", "shop-blue", "shop-green")


def test_the_request_opens_the_log(shop: World) -> None:
    request(shop, reason="ticket 42")

    event = Event.objects.get()
    assert (event.kind, event.message) == ("deployment.requested", "1.1.0 requested by requester: ticket 42")


def test_a_request_nudges_a_worker_once_it_is_committed(
    shop: World, django_capture_on_commit_callbacks: Captured
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        deployment = request(shop)

    (task,) = [queued.task for queued in OrmQ.objects.all()]
    assert (task["func"], task["args"]) == ("deployments.tasks.advance", ([deployment.pk],))


def test_what_ran_before_is_noted_as_the_source(shop: World) -> None:
    before = make_release(shop.environment.application, "1.0.0")
    Environment.objects.update(live_release=before)

    assert request(shop).source_release == before


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_request_needs_a_reason(shop: World, reason: str) -> None:
    error = refusal(shop, reason=reason)

    assert (error.field, error.sentence) == ("reason", "Give a reason; it is kept with the deployment.")


def test_a_reason_may_be_as_long_as_the_form_says(shop: World) -> None:
    """A browser counts a line's end as one character and sends two."""
    assert refusal(shop, reason="x" * 501).sentence == "The reason has 501 characters; 500 is the most."

    assert request(shop, reason="line\r\n" * 99 + "12345").reason == "line\n" * 99 + "12345"


def test_a_release_of_another_application_is_refused(shop: World) -> None:
    other = make_release(Application.objects.create(name="Blog", slug="blog"))

    assert (
        "blog 1.1.0 is a release of another application than shop/production." in refusal(shop, release=other).sentence
    )


def test_a_locked_environment_says_who_locked_it_and_why(shop: World) -> None:
    environments.lock(
        environment=shop.environment, principal=Principal.person(shop.requester), message="Black Friday", now=NOON
    )

    sentence = "shop/production is locked by requester since 2026-03-02 12:00 UTC: Black Friday"
    assert refusal(shop).sentence == sentence


def test_a_busy_environment_says_what_runs_there_and_what_to_do(shop: World) -> None:
    stages.under_way(shop)

    assert refusal(shop).sentence == (
        "shop/production is busy: 1.1.0 is in progress there since 2026-03-02 12:00 UTC. "
        "Wait for it, finish it or stop it first."
    )


def test_an_environment_that_is_busy_by_warm_time_alone_says_so(shop: World) -> None:
    kept = stages.warm(shop).source_kept_until

    assert kept and f"1.1.0 is live there, and what was live before is kept warm until {kept:%Y-%m-%d %H:%M} UTC" in (
        refusal(shop).sentence
    )


def test_all_that_is_in_the_way_is_said_at_once(shop: World, outsider: User) -> None:
    stages.under_way(shop)
    environments.lock(
        environment=shop.environment, principal=Principal.person(shop.requester), message="Black Friday", now=NOON
    )

    sentence = refusal(shop, principal=Principal.person(outsider)).sentence

    assert all(part in sentence for part in ("right to deploy", "Black Friday", "is busy"))


@pytest.mark.parametrize("strategy", ["LADDER", "ROLLING", "FASTER"])
def test_a_strategy_that_cannot_be_used_is_refused(shop: World, strategy: str) -> None:
    assert refusal(shop, strategy=strategy).field == "strategy"


def test_an_incomplete_environment_says_what_it_has_not(shop: World) -> None:
    Environment.objects.update(production_rule="", container_name="")

    assert refusal(shop).sentence == "shop/production is not complete: it has no container name, production rule."


def test_a_gate_where_nobody_can_stop_is_refused_before_it_is_passed_by(shop: World) -> None:
    shop.environment.gate_policies.create(stage="SCALE_UP")

    assert (
        "has a gate at Scale up, where its controller cannot stop; move it to Pre scale up," in refusal(shop).sentence
    )


def test_a_request_that_lost_the_race_to_one_that_ended_already_may_look_again(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(*_: Any, **__: Any) -> None:
        raise IntegrityError("UNIQUE constraint failed: deployments_deployment.environment_id")

    monkeypatch.setattr(Deployment, "save", lose)

    assert refusal(shop).sentence == (
        "Another deployment to shop/production was started in the same moment; look again."
    )


def test_a_request_that_lost_the_race_is_told_in_the_same_words(shop: World, settings: Settings) -> None:
    stages.under_way(shop)
    settings.ADMISSION_RULES = []  # both looked before either wrote

    assert "shop/production is busy: 1.1.0 is in progress" in refusal(shop).sentence


def test_the_next_deployment_may_follow_once_the_first_has_ended(shop: World) -> None:
    request(shop)
    Deployment.objects.update(status=Status.SUCCESSFUL)

    assert request(shop).status == "PENDING"


# The preview


def preview(shop: World, monkeypatch: pytest.MonkeyPatch, person: User | None = None) -> services.Preview:
    for module in (services, environments):
        monkeypatch.setattr(module, "connect", lambda binding: shop.aws)
    return services.preview(
        environment=shop.environment,
        release=shop.release,
        strategy="CANARY",
        principal=Principal.person(person or shop.requester),
        now=NOON,
    )


def test_a_preview_shows_plan_report_and_difference(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = preview(shop, monkeypatch)

    assert seen.plan.ladder == (10, 100)
    assert seen.report.passed
    assert any(sign == "+" and shop.release.pinned["web"] in text for sign, text in seen.difference or ())
    assert (seen.refusals, shop.aws.performed) == ((), [])


def test_a_preview_says_what_is_in_the_way(shop: World, outsider: User, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.release.images.update(platforms=["linux/arm64"])

    refusals = preview(shop, monkeypatch, outsider).refusals

    assert "right to deploy" in refusals[0]
    assert refusals[1] == "Preflight found errors; put them right first."


def test_a_preview_without_aws_has_nothing_to_compare_with(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.aws.fail_next("rule", errors.Denied, times=20)

    assert preview(shop, monkeypatch).difference is None


def test_a_check_needs_no_release(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environments, "connect", lambda binding: shop.aws)

    assert environments.check(shop.environment, now=NOON).passed


def test_a_check_without_credentials_says_so(shop: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(binding: object) -> FakeGateway:
        raise errors.Denied("GetCredentials", "NoCredentials", "Tealgate has no AWS credentials.")

    monkeypatch.setattr(environments, "connect", connect)
    report = environments.check(shop.environment, shop.release, now=NOON)

    assert not report.passed
    assert "no AWS credentials" in report.errors[0].seen


# Strategies and settings


def test_each_strategy_is_offered_with_its_plan_or_with_why_not(shop: World) -> None:
    assert Strategy.LADDER not in [offer.strategy for offer in offers.strategies(shop.environment)], "it has none"
    shop.environment.strategy = Strategy.LADDER
    offered = {offer.strategy: offer for offer in offers.strategies(shop.environment)}

    canary, ladder = offered[Strategy.CANARY], offered[Strategy.LADDER]
    assert canary.plan is not None and (canary.plan.ladder, canary.refusal) == ((10, 100), "")
    assert ladder.plan is None and "no ladder of its own" in ladder.refusal


HEADERS = "Host: shop.example.com\r\nX-Forwarded-Proto: https"


def test_everything_about_an_environment_is_frozen(shop: World) -> None:
    policy = shop.environment.gate_policies.create(stage="BAKE_TIME", approvals=2, timeout_minutes=5)
    policy.groups.create(name="QA")
    shop.environment.smoke_checks.create(path="/health", contains="ok", headers=HEADERS, follow_redirects=True)
    shop.environment.one_off_tasks.create(command="sh -c 'migrate && seed'", position=1)
    shop.environment.webhooks.create(url="https://tests.example/run", secret="QA")

    frozen = freeze(shop.environment)

    assert (frozen.gates[0].groups, frozen.gates[0].approvals) == (("QA",), 2)
    (check,) = frozen.smoke_checks
    assert (check.contains, check.headers, check.follow_redirects) == (
        "ok", (("Host", "shop.example.com"), ("X-Forwarded-Proto", "https")), True,
    )  # fmt: skip
    assert frozen.one_off_tasks[0].command == ("sh", "-c", "migrate && seed")
    assert frozen.webhooks[0].secret == "QA"
    assert EnvironmentSettings.from_json(json.loads(json.dumps(frozen.as_json()))) == frozen


def test_a_smoke_check_that_an_earlier_version_froze_sends_nothing_of_its_own(shop: World) -> None:
    shop.environment.smoke_checks.create(path="/health", headers=HEADERS, follow_redirects=True)
    document = freeze(shop.environment).as_json()
    document["smoke_checks"] = [{"path": "/health", "expected_status": 200, "contains": "", "timeout_seconds": 5}]

    assert EnvironmentSettings.from_json(document).smoke_checks == (SmokeSpec(path="/health"),)


def test_a_webhook_with_another_token_is_another_plan(shop: World) -> None:
    """Of the address only the host is frozen, and that stays the same."""
    hook = shop.environment.webhooks.create(url="https://tests.example/run/T0KEN-1")
    seen = [services.fingerprint(shop.environment, "CANARY") for _ in range(2)]
    hook.url = "https://tests.example/run/T0KEN-2"
    hook.save()

    assert seen[0] == seen[1]
    assert services.fingerprint(shop.environment, "CANARY") != seen[0]


# Gates that could never open


def gate(shop: World, **changes: Any) -> None:
    groups = changes.pop("groups", ())
    shop.environment.gate_policies.create(**changes).groups.set(
        [Group.objects.get_or_create(name=name)[0] for name in groups]
    )


def test_a_gate_that_too_few_people_may_decide_at_is_refused_before_anything_starts(shop: World) -> None:
    gate(shop, approvals=2)

    assert refusal(shop).sentence == (
        "The gate at Post test traffic shift needs 2 approvals, but only approver may give one when requester asks. "
        "Let an administrator give more people the right to approve, or ask for fewer approvals."
    )


def test_only_members_of_the_gates_groups_count(shop: World, second_approver: User) -> None:
    gate(shop, groups=["QA"])

    assert refusal(shop).sentence == (
        "The gate at Post test traffic shift needs 1 approval, but nobody may give one when requester asks. Let an "
        "administrator give more people who are in QA the right to approve, or ask for fewer approvals."
    )
    second_approver.groups.add(Group.objects.get(name="QA"))
    assert request(shop).status == Status.PENDING


@pytest.mark.parametrize(("may_approve", "refused"), [(False, True), (True, False)], ids=["others", "requester too"])
def test_who_asks_counts_only_where_the_gate_says_so(shop: World, may_approve: bool, refused: bool) -> None:
    shop.requester.groups.add(Group.objects.get(name=roles.APPROVERS))
    shop.approver.groups.clear()
    gate(shop, requester_may_approve=may_approve)

    if refused:
        assert "but nobody may give one when requester asks." in refusal(shop).sentence
    else:
        assert request(shop).status == Status.PENDING


def test_people_who_left_do_not_count(shop: World) -> None:
    User.objects.filter(pk=shop.approver.pk).update(is_active=False)
    gate(shop)

    assert "nobody may give one" in refusal(shop).sentence


def test_somebody_in_two_of_the_groups_counts_once(shop: World) -> None:
    gate(shop, approvals=2, groups=["QA", "Operations"])
    shop.approver.groups.add(*Group.objects.filter(name__in=["QA", "Operations"]))

    assert "only approver may give one" in refusal(shop).sentence


def test_where_requests_are_required_somebody_has_to_be_there_to_ask(shop: World) -> None:
    User.objects.filter(pk=shop.approver.pk).update(is_active=False)
    Environment.objects.update(requires_min_requests=True)

    assert refusal(shop).sentence.startswith("The gate at Bake time needs 1 approval, but nobody may give one")


@pytest.mark.parametrize(("controller", "count"), [("SERVICE_PAIR", 1), ("ROLLING", 1), ("ECS", 0), ("CODE_DEPLOY", 0)])
def test_nobody_is_asked_where_aws_waits_for_nobody(controller: str, count: int) -> None:
    frozen = EnvironmentSettings(label="shop", controller=controller, region="eu-west-1", requires_min_requests=True)

    assert len(admission.gates_asked_for(frozen)) == count
